import type { Dataset } from '#contracts/items';
import type { DatasourceStateStore } from './datasource-states.ts';
import { type DatasourceStore, datasourceOf } from './datasources.ts';
import { type VerifiedDatasources, type VerifyDeps, verifyDatasources } from './verify-datasource.ts';

export interface VerifyAndNoteDeps extends VerifyDeps {
  readonly datasources: Pick<DatasourceStore, 'get'>;
  readonly datasourceStates: Pick<DatasourceStateStore, 'get' | 'noteVerified'>;
}

/**
 * Tries a dataset's datasources as they are now, the file that was refused last among them, and notes what came of it:
 * where everything works there is no problem any more.
 *
 * @throws RetryableError for what may pass; nothing is noted then
 */
export async function verifyAndNote(dataset: Dataset, deps: VerifyAndNoteDeps): Promise<VerifiedDatasources> {
  const [stored, state] = await Promise.all([
    deps.datasources.get(dataset.id),
    deps.datasourceStates.get(dataset.id),
  ]);
  const { use, fileName } = state?.problem ?? {};
  const found = await verifyDatasources(
    {
      input: datasourceOf(dataset, stored, 'INPUT'),
      lightly: datasourceOf(dataset, stored, 'LIGHTLY'),
      ...(use !== undefined && fileName !== undefined && { probe: { use, fileName } }),
    },
    deps,
  );
  const [problem] = found.problems;
  await deps.datasourceStates.noteVerified(dataset.id, { at: deps.now(), ...found.verification }, problem);
  return found;
}

import type { DatasourceState, DatasourceVerification } from '#contracts/datasource-state';
import type { Dataset } from '#contracts/items';
import type { DatasourceStateStore } from './datasource-states.ts';
import { type DatasourceStore, datasourceOf } from './datasources.ts';
import { type VerifiedDatasources, type VerifyDeps, verifyDatasources } from './verify-datasource.ts';

export interface VerifyAndNoteDeps extends VerifyDeps {
  readonly datasources: Pick<DatasourceStore, 'get'>;
  readonly datasourceStates: Pick<DatasourceStateStore, 'get' | 'noteVerified'>;
}

/** What came of a trial, and how it is noted. */
interface Trial {
  readonly found: VerifiedDatasources;
  /** False where the datasources are others by now: nothing is noted then. */
  readonly note: () => Promise<boolean>;
}

/**
 * Tries a dataset's datasources as they are now, the file that was refused last among them, and notes what came of it:
 * where everything works there is no problem any more.
 *
 * @param options.isRetry where INPUT has a problem, only that is tried: of LIGHTLY, what was last found out still holds. So
 * a round every few minutes writes nothing where nobody complains of it, and what waits for INPUT waits for nothing else.
 * @throws RetryableError for what may pass; nothing is noted then
 */
export async function verifyAndNote(
  dataset: Dataset,
  deps: VerifyAndNoteDeps,
  options: { readonly isRetry?: boolean } = {},
): Promise<VerifiedDatasources> {
  const { found, note } = await tryDatasources(dataset, deps, options);
  await note();
  return found;
}

/** {@link verifyAndNote} for whoever may not wait for it: nothing is noted yet. */
export async function tryDatasources(
  dataset: Dataset,
  deps: VerifyAndNoteDeps,
  { isRetry = false }: { readonly isRetry?: boolean } = {},
): Promise<Trial> {
  const [stored, state] = await Promise.all([
    deps.datasources.get(dataset.id),
    deps.datasourceStates.get(dataset.id),
  ]);
  const { use, fileName } = state?.problem ?? {};
  const isOfInput = isRetry && use === 'INPUT';
  const input = datasourceOf(dataset, stored, 'INPUT');
  const found = await verifyDatasources(
    {
      input,
      lightly: isOfInput ? undefined : datasourceOf(dataset, stored, 'LIGHTLY'),
      ...(use !== undefined && fileName !== undefined && { probe: { use, fileName } }),
    },
    deps,
  );
  const verification = isOfInput
    ? withKnownOfLightly(found.verification, state?.lastVerified)
    : found.verification;
  const [problem] = found.problems;
  const verified = { at: deps.now(), ...verification };
  return {
    found: { ...found, verification },
    note: () => deps.datasourceStates.noteVerified(dataset.id, input.version, verified, problem),
  };
}

/** What was found out of INPUT, beside what is known of LIGHTLY. */
function withKnownOfLightly(
  found: DatasourceVerification,
  known: DatasourceState['lastVerified'],
): DatasourceVerification {
  if (!known) return found;
  const { canWrite, canOverwrite } = known;
  const errors = {
    ...found.errors,
    ...(known.errors?.canWrite !== undefined && { canWrite: known.errors.canWrite }),
    ...(known.errors?.canOverwrite !== undefined && { canOverwrite: known.errors.canOverwrite }),
  };
  const { errors: _, ...permissions } = found;
  return { ...permissions, canWrite, canOverwrite, ...(Object.keys(errors).length > 0 && { errors }) };
}

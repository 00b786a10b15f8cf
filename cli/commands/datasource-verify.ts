import { setTimeout } from 'node:timers/promises';
import { WinnowError } from '#contracts/errors';
import { type VerifyAnswer, verifyAnswer } from '#contracts/input-routes';
import type { Api } from '../api-command.ts';
import { askForDataset } from '../datasource/input-api.ts';
import { permissionsOf } from '../datasource/permission-texts.ts';

const tryNow = (api: Api, datasetId: string): Promise<VerifyAnswer> =>
  askForDataset(api, datasetId, { method: 'POST', what: 'input/verify' }, verifyAnswer);

/** `winnow datasources verify` */
export async function verify(api: Api, nameOrId: string): Promise<void> {
  const { dataset } = await api.dataset(nameOrId);
  showPermissions(api, await tryNow(api, dataset.id));
}

/** Between two looks whether the role works by now. */
const VERIFY_EVERY_MS = 5_000;

/** Roles are known everywhere some seconds after they are made. @param timeout seconds */
export async function waitUntilItWorks(
  api: Api,
  datasetId: string,
  { timeout }: { readonly timeout: number },
): Promise<VerifyAnswer> {
  const until = Date.now() + timeout * 1_000;
  let said: string | undefined;
  for (;;) {
    const found = await tryNow(api, datasetId);
    if (works(found) || Date.now() + VERIFY_EVERY_MS > until) return found;
    const [problem] = found.problems;
    const reason = problem?.reason ?? Object.values(found.errors ?? {})[0];
    if (reason !== said) api.output.note(`Waiting for access. ${reason}`);
    said = reason;
    await setTimeout(VERIFY_EVERY_MS, undefined, { signal: api.signal }).catch(() => undefined);
    api.signal.throwIfAborted();
  }
}

/** Where overwriting is possible, writing is: then no more than deleting is refused, which can be done without. */
const works = ({ canList, canRead, canOverwrite }: VerifyAnswer): boolean =>
  canList && canRead && canOverwrite;

const AGAIN = 'Winnow tries again every few minutes, and winnow datasources verify at once.';

/** @throws WinnowError where something is not possible that has to be */
export function showPermissions({ output }: Api, found: VerifyAnswer): void {
  output.show(found, permissionsOf(found));
  if (!found.canList || !found.canRead) {
    throw new WinnowError('DATASOURCE_UNREADABLE', `No image can be taken in. ${AGAIN}`);
  }
  if (!works(found)) {
    throw new WinnowError(
      'DATASOURCE_NOT_WRITABLE',
      `No image can be taken in, because its thumbnail can't be written. ${AGAIN}`,
    );
  }
}

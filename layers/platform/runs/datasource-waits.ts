import type { Run } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import type { DatasourceStateStore } from '../datasources/datasource-states.ts';

/*
 * What a run tells of the times in which it waits for its datasource. A state has one message of it, at its end, however
 * often it waits: as long as it waits what is to be done, and afterwards since when it had waited.
 */

const WAITING = 'Waiting for the datasource: ';
const WAITED = 'Waited for the datasource since ';

type Messages = Run['messages'];

/** How long (ms) a run waits while only some files are refused, which need not be those that it has to read. */
const TRIED_AGAIN_AFTER_MS = 60 * 60_000;

/** What a run waits for, while nobody has found its dataset's datasource to be right again; else nothing. */
export async function stillWaitsFor(
  run: Pick<Run, 'waitsForDatasource' | 'lastModifiedAt'> | undefined,
  datasetId: ObjectId,
  {
    datasourceStates,
    now,
  }: { readonly datasourceStates: Pick<DatasourceStateStore, 'get'>; readonly now: () => number },
): Promise<string | undefined> {
  if (!run?.waitsForDatasource) return undefined;
  const { problem } = (await datasourceStates.get(datasetId)) ?? {};
  if (problem?.isOfSomeFiles && now() - run.lastModifiedAt >= TRIED_AGAIN_AFTER_MS) return undefined;
  return problem?.reason;
}

/** The messages of a run that waits from now on. @param reason what is wrong and what to do */
export function messagesOfWait(
  { messages, state }: Pick<Run, 'messages' | 'state'>,
  reason: string,
  at: number,
): Messages {
  const message = `${WAITING}${reason}`;
  const last = messages.at(-1);
  if (last?.state === state && last.message.startsWith(WAITING))
    return [...messages.slice(0, -1), { ...last, message }];
  const isAgain = last?.state === state && last.message.startsWith(WAITED);
  return [...(isAgain ? messages.slice(0, -1) : messages), { at: isAgain ? last.at : at, state, message }];
}

/** The messages of a run that goes on. */
export function messagesAfterWait(messages: Messages): Messages {
  const last = messages.at(-1);
  if (!last?.message.startsWith(WAITING)) return messages;
  return [...messages.slice(0, -1), { ...last, message: `${WAITED}${new Date(last.at).toISOString()}.` }];
}

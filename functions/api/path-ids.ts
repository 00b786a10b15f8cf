import { NotFoundError } from '#contracts/errors';
import type { OperationId, PathOf } from '#contracts/protocol/operations';
import { objectId } from '#contracts/schema';

type NameIn<Path> = Path extends unknown ? keyof Path : never;
/** What a path of the protocol may name, by its id or by a name of its own. */
type PathParameter = NameIn<PathOf<OperationId>>;
type NoId = 'datasetName' | 'taskName';

/** What the ids in a path are ids of, in the words of errors. An id of the contract that is missing does not compile. */
const NAMED_BY: Readonly<Record<Exclude<PathParameter, NoId>, string>> = {
  accessConfigId: 'access config',
  artifactId: 'artifact',
  configId: 'worker config',
  configurationId: 'metadata configuration',
  datasetId: 'dataset',
  embedding2dId: 'embedding 2d',
  embeddingId: 'embedding',
  jobId: 'job',
  runId: 'run',
  sampleId: 'sample',
  scheduledId: 'scheduled run',
  scoreId: 'score',
  serviceAccountId: 'user',
  tagId: 'tag',
  teamId: 'team',
  userId: 'user',
  workerId: 'worker',
};

/** Enough of what was sent to know it again. */
const LONGEST_QUOTE = 100;

/**
 * Nothing has an id that is not one: it is not looked for, and need not make a key of the table, which has a limit.
 * @throws NotFoundError
 */
export function checkPathIds(parameters: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(parameters)) {
    const what = (NAMED_BY as Readonly<Record<string, string>>)[name];
    if (what === undefined || objectId.safeParse(value).success) continue;
    throw new NotFoundError(what, value.slice(0, LONGEST_QUOTE));
  }
}

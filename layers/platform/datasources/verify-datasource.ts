import { randomUUID } from 'node:crypto';
import { extname } from 'node:path/posix';
import type { DatasourcePermission, DatasourceVerification, FoundProblem } from '#contracts/datasource-state';
import { DatasourceError, InvalidInputError, RejectedError, RetryableError } from '#contracts/errors';
import { isThumbnailName, RESERVED_FOLDER } from '#contracts/s3-keys';
import type { DatasourceConnections, ReadableDatasource, WritableDatasource } from './datasource-objects.ts';
import { keepsFromReading, problemOf } from './datasource-states.ts';
import type { Datasource, DatasourceUse } from './datasources.ts';
import { isDeleting } from './store-traits.ts';

export interface VerifiedDatasources {
  readonly verification: DatasourceVerification;
  /** What their owner has to put right, each once: what concerns a whole datasource first, and INPUT before LIGHTLY. */
  readonly problems: readonly FoundProblem[];
  /** What is refused and can be done without (to read the tags of objects, and to delete), and what could not be tried. */
  readonly hints: readonly FoundProblem[];
}

export interface VerifyRequest {
  readonly input: Datasource;
  /** Without it, nothing is found out about writing. */
  readonly lightly: Datasource | undefined;
  /** A file that was refused before: it is read too, for others may be readable. */
  readonly probe?: { readonly use: DatasourceUse; readonly fileName: string } | undefined;
}

export interface VerifyDeps {
  readonly datasourceConnections: DatasourceConnections;
  /** ms */
  readonly now: () => number;
}

/**
 * Tries what Winnow does with a dataset's datasources: lists and reads INPUT; writes, overwrites, reads and deletes an
 * object of its own in LIGHTLY. Nothing is left behind where deleting is allowed.
 *
 * @throws RetryableError for what may pass
 */
export async function verifyDatasources(
  { input, lightly, probe }: VerifyRequest,
  { datasourceConnections, now }: VerifyDeps,
): Promise<VerifiedDatasources> {
  const trials = trialsAt(now());
  const tryInput = trials.of('INPUT');
  const fileOf = (use: DatasourceUse) => (probe?.use === use ? probe.fileName : undefined);
  const source = await tryInput(['canList', 'canRead'], () => datasourceConnections.open(input));
  const isReadable =
    source !== undefined && (await tryToRead(source, fileOf('INPUT'), { ...trials, attempt: tryInput }));
  const tryLightly = trials.of('LIGHTLY');
  const target =
    lightly &&
    (await tryLightly(['canWrite', 'canOverwrite'], () =>
      datasourceConnections.open({ ...lightly, use: 'LIGHTLY' }),
    ));
  const isUsable = target !== undefined && (await tryToWrite(target, fileOf('LIGHTLY'), tryLightly));
  const { errors, hints } = trials;
  const problems = trials.problems.map((problem) => {
    const isOfSomeFiles = !keepsFromReading(problem) && (problem.use === 'INPUT' ? isReadable : isUsable);
    return isOfSomeFiles ? { ...problem, isOfSomeFiles } : problem;
  });
  return {
    verification: {
      canList: errors.canList === undefined,
      canRead: errors.canRead === undefined,
      canWrite: errors.canWrite === undefined,
      canOverwrite: errors.canOverwrite === undefined,
      ...(Object.keys(errors).length > 0 && { errors }),
    },
    problems: inOrder(problems),
    hints,
  };
}

/** @returns what the work does; undefined where it is refused, which the permissions then say */
type Attempt = <T>(
  permissions: readonly DatasourcePermission[],
  work: () => Promise<T>,
  fileName?: string,
) => Promise<T | undefined>;

interface Trials {
  readonly errors: Partial<Record<DatasourcePermission, string>>;
  readonly problems: FoundProblem[];
  readonly hints: FoundProblem[];
  readonly of: (use: DatasourceUse) => Attempt;
  readonly at: number;
}

function trialsAt(at: number): Trials {
  const errors: Partial<Record<DatasourcePermission, string>> = {};
  const problems: FoundProblem[] = [];
  const hints: FoundProblem[] = [];
  const attemptOf =
    (use: DatasourceUse): Attempt =>
    async (permissions, work, fileName) => {
      try {
        return await work();
      } catch (error) {
        if (error instanceof DatasourceError && error.problem.code === 'UNTRIED') {
          hints.push(problemOf(error, { use, at }));
          return undefined;
        }
        for (const permission of permissions) errors[permission] ??= refusalOf(error);
        if (error instanceof DatasourceError) {
          const found = problemOf(error, { use, at, ...(fileName !== undefined && { fileName }) });
          (isDeleting(error.problem.action) ? hints : problems).push(found);
        }
        return undefined;
      }
    };
  return { errors, problems, hints, of: attemptOf, at };
}

/** The same refusal, met twice, is one problem. */
function inOrder(problems: readonly FoundProblem[]): FoundProblem[] {
  const weight = ({ scope, use }: FoundProblem) =>
    (use === 'INPUT' ? 0 : 1) + (scope === 'datasource' ? 0 : 2);
  const once = new Map(problems.map((problem) => [`${problem.use} ${problem.reason}`, problem]));
  return [...once.values()].sort((a, b) => weight(a) - weight(b));
}

const probeName = (): string => `${RESERVED_FOLDER}verify/${randomUUID()}.txt`;

/** @returns true where a file can be read, whatever becomes of others */
async function tryToRead(
  source: ReadableDatasource,
  refusedBefore: string | undefined,
  { attempt, errors, hints, at }: Trials & { readonly attempt: Attempt },
): Promise<boolean> {
  const listed = await attempt(['canList'], async () => firstNames(source));
  const name = listed?.[0];
  if (name !== undefined) await attempt(['canRead'], () => readByte(source, name), name);
  else if (listed) await attempt(['canRead'], () => readByte(source, probeName(), { isAbsent: true }));
  const isFirstRefused = errors.canRead !== undefined;
  if (refusedBefore !== undefined && refusedBefore !== name) {
    await attempt(['canRead'], () => readByte(source, refusedBefore), refusedBefore);
  } else if (!listed) {
    errors.canRead ??= 'Reading could not be tried: no file can be listed.';
  }
  if (!listed) return refusedBefore !== undefined && errors.canRead === undefined;
  const [first, other] = listed;
  if (first === undefined) return false;
  if (errors.canRead !== undefined) {
    return !isFirstRefused || (other !== undefined && (await canBeRead(source, other)));
  }
  const refused = await refusalOfTags(source, first);
  if (refused) hints.push(problemOf(refused, { use: 'INPUT', at, fileName: first }));
  return true;
}

/** What was refused may be the matter of one file. */
async function canBeRead(source: ReadableDatasource, name: string): Promise<boolean> {
  try {
    await readByte(source, name);
    return true;
  } catch (error) {
    if (error instanceof DatasourceError) return false;
    throw error;
  }
}

async function refusalOfTags(source: ReadableDatasource, name: string): Promise<DatasourceError | undefined> {
  try {
    await source.tags(name);
    return undefined;
  } catch (error) {
    if (error instanceof DatasourceError) return error;
    // Of Winnow's own buckets nobody reads tags.
    if (error instanceof RetryableError && error.code === 'ACCESS_DENIED') return undefined;
    throw error;
  }
}

/**
 * Tries to write a new file in the folder of a thumbnail that was refused: a policy may forbid that folder alone, and the
 * thumbnail itself may be there already. The new name is no longer than the thumbnail's, since keys have a limit.
 */
async function tryToWriteBeside(
  target: WritableDatasource,
  name: string,
  attempt: Attempt,
): Promise<boolean> {
  const beside = `${name.slice(0, name.lastIndexOf('/') + 1)}${randomUUID().slice(0, 7)}${extname(name)}`;
  const write = () => target.putIfAbsent(beside, 'first', { contentType: 'text/plain' });
  const isWritten = await attempt(['canWrite', 'canOverwrite'], write, name);
  if (isWritten) await attempt(['canWrite'], () => target.delete(beside));
  return isWritten !== undefined;
}

/** @returns true where a file can be written and read, whatever becomes of others */
async function tryToWrite(
  target: WritableDatasource,
  refusedBefore: string | undefined,
  attempt: Attempt,
): Promise<boolean> {
  const name = probeName();
  const write = (body: string) => async () => {
    await target.put(name, body, { contentType: 'text/plain' });
    return true;
  };
  await attempt(['canList'], () => target.list({ prefix: RESERVED_FOLDER, after: undefined, limit: 1 }));
  let takesThumbnails = true;
  if (refusedBefore !== undefined) {
    await attempt(['canRead'], () => readByte(target, refusedBefore), refusedBefore);
    // Without thumbnails no image can be taken in, whatever else can be written.
    if (isThumbnailName(refusedBefore))
      takesThumbnails = await tryToWriteBeside(target, refusedBefore, attempt);
  }
  const isWritten = await attempt(['canWrite', 'canOverwrite'], write('first'));
  if (!isWritten) return false;
  const isOverwritten = await attempt(['canOverwrite'], write('second'));
  const isRead = await attempt(['canRead'], async () => {
    await readByte(target, name);
    return true;
  });
  // What a run writes it may have to take away, so a place that only grows is none to write to.
  await attempt(['canWrite'], () => target.delete(name));
  return takesThumbnails && isOverwritten === true && isRead === true;
}

/** Two at most, that are in no archive where there are such ones among the first. */
async function firstNames(source: ReadableDatasource): Promise<string[]> {
  const { files } = await source.list({ prefix: '', after: undefined, limit: 10 });
  const named = files.filter(({ name }) => !name.endsWith('/'));
  const readable = named.filter(({ isArchived }) => !isArchived);
  return (readable.length > 0 ? readable : named).slice(0, 2).map(({ name }) => name);
}

/** Of a file that is gone nothing is refused. */
async function readByte(
  source: ReadableDatasource,
  name: string,
  options: { readonly isAbsent?: true } = {},
): Promise<void> {
  try {
    const file = await source.open(name, { bytes: 1, ...options });
    file?.body.destroy();
  } catch (error) {
    // Nothing forbids to read it; there is nothing to be read now.
    if (!(error instanceof RejectedError)) throw error;
  }
}

function refusalOf(error: unknown): string {
  if (error instanceof InvalidInputError) return error.message;
  if (error instanceof RetryableError && error.code === 'ACCESS_DENIED') {
    return `${error.message} It is one of Winnow's own buckets: ask whoever deployed it.`;
  }
  throw error;
}

import { createGunzip } from 'node:zlib';
import { ConflictError, InvalidInputError, RetryableError } from '#contracts/errors';
import type { Dataset, Run } from '#contracts/items';
import type { RunMessage } from '#contracts/messages';
import { type HandInRequest, isStoppedPlan, type PlanUpload, stoppedPlan } from '#contracts/planned-runs';
import { runPlanHeader } from '#contracts/run-plan';
import { handedInPlanKey, isHandedInPlanKey, uploadedPlanKey } from '#contracts/s3-keys';
import { newObjectId, parseJsonWith } from '#contracts/schema';
import type { DatasetStore } from '../datasets/datasets.ts';
import type { WritableObjectStore, WriteUrlSigner } from '../objects/objects.ts';
import { textLines } from '../objects/text-lines.ts';
import type { MessageSender } from '../queues.ts';
import type { RunStore } from '../runs/runs.ts';
import { checkIsAtWork } from './planning-attempt.ts';

/** Time to begin putting a plan; less than what a dataset that is deleted meanwhile is looked after for. */
const URL_SECONDS = 15 * 60;

type PlannedRun = Run & { readonly datasetId: string; readonly scheduledId: string };

export interface HandInDeps {
  readonly datasets: Pick<DatasetStore, 'get'>;
  readonly runs: Pick<RunStore, 'recordPlan' | 'giveUp'>;
  readonly objects: Pick<WritableObjectStore, 'open' | 'head' | 'copy'>;
  readonly writeUrls: WriteUrlSigner;
  readonly runQueue: MessageSender<RunMessage>;
  readonly buckets: { readonly platform: string };
  /** ms */
  readonly now: () => number;
}

/** A place of its own for a plan of this attempt, as gzipped JSON lines. @throws ConflictError */
export async function planUploadUrl(
  run: PlannedRun,
  attempt: number,
  { writeUrls, buckets, now }: Pick<HandInDeps, 'writeUrls' | 'buckets' | 'now'>,
): Promise<PlanUpload> {
  checkIsAtWork(run, attempt);
  const planId = newObjectId(now());
  const key = uploadedPlanKey(run.datasetId, run.id, planId);
  return {
    planId,
    signedWriteUrl: await writeUrls.signWrite({ bucket: buckets.platform, key }, URL_SECONDS),
  };
}

/**
 * Records a plan that was put to its URL, and asks the stage `run` to carry it out. What is recorded is a copy: the URL
 * is good for another plan until it expires, and what the stage has checked must stay as it is. Only what its header says
 * is checked here; the stage checks the rest before it writes anything. A repeated call does no harm.
 *
 * @throws InvalidInputError where nothing was put there, or no plan of this run; ConflictError where the run is not this
 * attempt's any more
 */
export async function handInPlan(
  run: PlannedRun,
  { attempt, planId }: HandInRequest,
  deps: HandInDeps,
): Promise<void> {
  const { datasetId, scheduledId } = run;
  if (run.planKey === undefined || !isHandedInPlanKey(run.planKey, planId)) {
    checkIsAtWork(run, attempt);
    const dataset = await deps.datasets.get(datasetId);
    if (!dataset) throw new ConflictError(`Dataset '${datasetId}' is gone.`);
    await record(run, await copied(run, planId, deps), dataset, deps);
  }
  await deps.runQueue.send({ datasetId, scheduledId });
}

async function record(run: PlannedRun, key: string, dataset: Dataset, deps: HandInDeps): Promise<void> {
  checkHeader(await firstLine(key, deps), run, dataset);
  if ((await deps.runs.recordPlan(run.id, key)) !== key) {
    throw new ConflictError(`Another plan of run '${run.id}' was handed in before.`);
  }
  // The stage that carries it out need not wait until this worker has been silent for a while.
  await deps.runs.giveUp(run.id);
}

/** Copies what was put there: for each call anew, so that no call changes what another one has recorded. */
async function copied(run: PlannedRun, planId: string, { objects, buckets, now }: HandInDeps) {
  const { platform: bucket } = buckets;
  const from = { bucket, key: uploadedPlanKey(run.datasetId, run.id, planId) };
  if (!(await objects.head(from))) {
    throw new InvalidInputError('$.planId: nothing was put to the URL of this plan. Put it there first.');
  }
  const key = handedInPlanKey(run.datasetId, run.id, planId, newObjectId(now()));
  await objects.copy(from, { bucket, key }, { contentType: 'application/gzip' });
  return key;
}

/** Characters of a header: the analysis in it is of some megabytes at most. */
const LONGEST_HEADER = 64 * 1024 * 1024;

async function firstLine(key: string, { objects, buckets }: HandInDeps): Promise<string> {
  const found = await objects.open({ bucket: buckets.platform, key });
  if (!found) throw new RetryableError('PLAN_IS_GONE', `The copy of a plan, '${key}', is gone.`);
  const unzipped = createGunzip();
  found.body.once('error', (error) => unzipped.destroy(error));
  try {
    for await (const line of textLines(limited(found.body.pipe(unzipped)))) return line;
    return '';
  } catch (cause) {
    if (!isZlibError(cause)) throw cause;
    throw new InvalidInputError('$.planId: what was put to the URL of this plan is not gzipped.', { cause });
  } finally {
    found.body.destroy();
    unzipped.destroy();
  }
}

const isZlibError = (error: unknown): boolean =>
  String((error as { readonly code?: unknown } | undefined)?.code).startsWith('Z_');

async function* limited(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > LONGEST_HEADER) throw new InvalidInputError('$.planId: the header of the plan has no end.');
    yield chunk;
  }
}

function checkHeader(line: string, run: PlannedRun, { sampleCount }: Dataset): void {
  if (isStoppedPlan(line)) {
    const { stopped } = parseJsonWith(stoppedPlan, line, 'What was handed in');
    if (stopped.runId !== run.id) throw new InvalidInputError(`stopped.runId: must be '${run.id}'.`);
    return;
  }
  const header = parseJsonWith(runPlanHeader, line, 'The header of the plan');
  const expected = {
    ...{ runId: run.id, datasetId: run.datasetId, firstIndex: sampleCount, processedUntil: run.cutoff },
  };
  for (const [field, value] of Object.entries(expected)) {
    if (header[field as keyof typeof expected] === value) continue;
    throw new InvalidInputError(`The header of the plan is not valid. ${field}: must be ${value}.`);
  }
}

import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { InvalidInputError } from '#contracts/errors';
import type { ShardMessage } from '#contracts/messages';
import { shardAnswerKey, shardFactsKey } from '#contracts/s3-keys';
import { parseJsonWith } from '#contracts/schema';
import { shardAnswer } from '#contracts/shards';
import { putGzippedLines } from '#platform/objects/gzipped-lines';
import { type SelectionRequest, type SelectionResult, select } from '#selection/select';
import { type SelectShard, type ShardSelection, selectInShards } from '#selection/sharded-selection';
import { type ShardRound, shardLines } from '#worker/lines/shard-lines';
import { type Attempt, stopIfCanceled } from '../attempt.ts';
import type { RunDeps } from '../run-deps.ts';

/** Answers come after minutes. */
const LOOK_EVERY_MS = 2_000;
/** Facts of so many shards are written at a time; each waits for its answer then. */
const SHARDS_AT_A_TIME = 16;
/** Two rounds of half the size each leave room for what a selection in rounds does more. */
const SHARE_OF_A_SHARD = 0.5;

/**
 * Selects here, or in two rounds where there are more candidates than one worker selects from in its time: the first
 * round by the stage `shard`, all shards at the same time.
 *
 * @throws InvalidInputError, StopRun
 */
export function selectHereOrInShards(
  request: SelectionRequest,
  attempt: Attempt,
  deps: RunDeps,
): Promise<SelectionResult> {
  const { length } = request.candidates;
  if (length <= deps.mostCandidates) return select(request);
  const shards = Math.ceil(length / (deps.mostCandidates * SHARE_OF_A_SHARD));
  return selectInShards(request, shards, elsewhere(attempt, deps), SHARDS_AT_A_TIME);
}

/** Hands a shard to the stage `shard` and waits for its answer; one that an earlier attempt got is there already. */
function elsewhere(attempt: Attempt, deps: RunDeps): SelectShard {
  // Where one shard fails, nobody waits for the others any more.
  let failure: { readonly error: unknown } | undefined;
  return async (task, facts) => {
    try {
      const message = await askShard({ task, ...facts }, attempt, deps);
      for (;;) {
        const answer = await answerTo(message, deps);
        if (answer) return answer;
        await deps.pause(LOOK_EVERY_MS);
        stopIfCanceled(attempt);
        if (failure) throw failure.error;
      }
    } catch (error) {
      failure ??= { error };
      throw error;
    }
  };
}

async function askShard(round: ShardRound, attempt: Attempt, deps: RunDeps): Promise<ShardMessage> {
  const { shard } = round.task;
  const message = { datasetId: attempt.dataset.id, runId: attempt.run.id, digest: digestOf(round), shard };
  if (await deps.objects.head({ bucket: deps.platformBucket, key: shardAnswerKey(message) })) return message;
  const reference = { bucket: deps.platformBucket, key: shardFactsKey(message) };
  await putGzippedLines(shardLines(round), reference, deps.objects, { level: 1 });
  await deps.shardQueue.send(message);
  return message;
}

/**
 * Names what a shard is asked, so that no answer to another question is taken for its own: what users give may change
 * while a run is begun again.
 */
function digestOf(round: ShardRound): string {
  const hash = createHash('sha256');
  for (const line of shardLines(round)) hash.update(line);
  return hash.digest('hex').slice(0, 24);
}

async function answerTo(message: ShardMessage, deps: RunDeps): Promise<ShardSelection | undefined> {
  const found = await deps.objects.open({ bucket: deps.platformBucket, key: shardAnswerKey(message) });
  if (!found) return undefined;
  const answer = parseJsonWith(shardAnswer, await text(found.body), 'The answer of a shard');
  if ('refused' in answer) throw new InvalidInputError(answer.refused);
  return answer;
}

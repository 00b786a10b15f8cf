import { InvalidInputError, NotFoundError } from '#contracts/errors';
import type { ShardMessage } from '#contracts/messages';
import { shardAnswerKey, shardFactsKey } from '#contracts/s3-keys';
import type { ShardAnswer } from '#contracts/shards';
import type { Telemetry } from '#contracts/telemetry';
import type { DatasetStore } from '#platform/datasets/datasets';
import { readGzippedLines } from '#platform/objects/gzipped-lines';
import type { WritableObjectStore } from '#platform/objects/objects';
import { selectShard } from '#selection/sharded-selection';
import { parseShardLines, type ShardRound } from '#worker/lines/shard-lines';

export interface ShardDeps {
  readonly datasets: Pick<DatasetStore, 'get'>;
  readonly objects: WritableObjectStore;
  readonly telemetry: Telemetry;
  readonly platformBucket: string;
}

/**
 * The first round of a large selection in one shard: reads the facts that the run has put there, selects, and leaves
 * the answer beside them. The same facts give the same answer, so that a repeated message changes nothing.
 *
 * @throws NotFoundError where the facts are not there
 */
export async function selectInShard(message: ShardMessage, deps: ShardDeps): Promise<void> {
  const { objects, platformBucket: bucket, telemetry } = deps;
  const answerAt = { bucket, key: shardAnswerKey(message) };
  if (await objects.head(answerAt)) return;
  const round = await readRound(message, deps);
  const answer = await answerOf(round);
  await objects.put(answerAt, JSON.stringify(answer), { contentType: 'application/json' });
  const { runId, shard } = message;
  telemetry.log('info', 'Shard was selected from', { runId, shard, candidates: round.candidates.length });
  telemetry.count('ShardsSelected', 1);
}

async function readRound(message: ShardMessage, deps: ShardDeps): Promise<ShardRound> {
  const key = shardFactsKey(message);
  const found = await deps.objects.open({ bucket: deps.platformBucket, key });
  if (!found) throw new NotFoundError('facts of a shard', key);
  return readGzippedLines(found.body, parseShardLines);
}

/** What can't be carried out here can't be carried out anywhere: the run is told so, and ends. */
async function answerOf({ task, ...facts }: ShardRound): Promise<ShardAnswer> {
  try {
    const { fileNames, filteredOut, stoppedBy, notes } = await selectShard(task, facts);
    return {
      fileNames: [...fileNames],
      filteredOut: [...filteredOut],
      stoppedBy,
      notes: [...notes],
    };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return { refused: error.message };
  }
}

import { createHash } from 'node:crypto';
import pMap from 'p-map';
import type { SelectionConfig } from '#contracts/selection-config';
import type { SelectionStop } from '#contracts/selection-stop';
import type { FilteredOutCandidate, SelectionCandidate, SelectionResult } from './candidate.ts';
import { requestedCount } from './sample-count.ts';
import { type SelectionRequest, select } from './select.ts';

/** What one shard is asked for: plain JSON, so that it can be a message to whoever has the facts. */
export interface ShardTask {
  readonly shard: number;
  readonly shards: number;
  /** That of the whole selection, with what this shard gives to the second round in `nSamples`. */
  readonly config: SelectionConfig;
}

/** What a shard answers: plain JSON too. */
export interface ShardSelection {
  /** In order of choice. */
  readonly fileNames: readonly string[];
  readonly filteredOut: readonly { readonly fileName: string; readonly reason: string }[];
  readonly stoppedBy: SelectionStop;
  readonly notes: readonly string[];
}

export type SelectShard = (
  task: ShardTask,
  facts: Omit<SelectionRequest, 'config'>,
) => Promise<ShardSelection>;

/** How many times its share a shard gives: docs/performance.md has the figures behind it. */
const SHARE_FACTOR = 2;
/**
 * By chance a shard holds more of the best than its share. With hashed names the number is binomial: five standard
 * deviations more are exceeded once in three million times.
 */
const DEVIATIONS = 5;

/** The shard of a file name: the same on every machine, whatever else there is. */
export const shardOf = (fileName: string, shards: number): number =>
  createHash('sha256').update(fileName).digest().readUInt32BE() % shards;

/**
 * The tasks of the first round. Each shard gives as many candidates as its share of those asked for, and some more.
 *
 * @throws InvalidInputError where the configuration asks for no number, as {@link select} does.
 */
export function planShards(
  config: SelectionConfig,
  fileNames: readonly string[],
  shards: number,
): ShardTask[] {
  const sizes = new Array<number>(shards).fill(0);
  for (const fileName of fileNames) {
    const shard = shardOf(fileName, shards);
    sizes[shard] = (sizes[shard] as number) + 1;
  }
  const target = requestedCount(config, fileNames.length);
  return sizes.map((size, shard) => {
    const share = (target * size) / Math.max(1, fileNames.length);
    const count = Math.ceil(Math.max(SHARE_FACTOR * share, share + DEVIATIONS * Math.sqrt(share)));
    return { shard, shards, config: withCount(withoutSums(config), Math.min(size, count)) };
  });
}

/** Sums are over all that is chosen: a shard must not keep back what only the second round can decide. */
function withoutSums({ strategies, ...config }: SelectionConfig): SelectionConfig {
  const kept = strategies.map(({ input, strategy }) => {
    const { stoppingConditionMaxSum: _, targetRange: __, ...others } = strategy;
    return { input, strategy: others };
  });
  return { ...config, strategies: kept };
}

function withCount({ proportionSamples: _, ...config }: SelectionConfig, nSamples: number): SelectionConfig {
  return { ...config, nSamples };
}

/** The first round of one shard. `facts` holds its own candidates, and all samples of the datapool. */
export const selectShard: SelectShard = async ({ config }, facts) => {
  const { chosen, filteredOut, stoppedBy, notes } = await select({ ...facts, config });
  const nameOf = (index: number) => (facts.candidates[index] as SelectionCandidate).fileName;
  return {
    fileNames: chosen.map(({ index }) => nameOf(index)),
    filteredOut: filteredOut.map(({ index, reason }) => ({ fileName: nameOf(index), reason })),
    stoppedBy,
    notes,
  };
};

/**
 * Chooses in two rounds: in each shard of the candidates, then among those that the shards chose. For selections that
 * are too large for one worker: no step sees more than a shard or the shards' choices. The result differs from that of
 * one round. For diversity no candidate is farther from the nearest chosen one than the sum of both rounds' covers
 * (the triangle inequality); Indyk et al. 2014, "Composable core-sets for diversity and coverage maximization", has
 * the bounds, docs/performance.md what is lost in practice.
 *
 * @param runShard - Carries out a task of the first round, here or elsewhere.
 * @param concurrency - Shards that are selected from at the same time.
 */
export async function selectInShards(
  request: SelectionRequest,
  shards: number,
  runShard: SelectShard = selectShard,
  concurrency = 1,
): Promise<SelectionResult> {
  const { config, candidates, onProgress, ...facts } = request;
  const tasks = planShards(
    config,
    candidates.map(({ fileName }) => fileName),
    shards,
  );
  const members = tasks.map(() => [] as SelectionCandidate[]);
  for (const candidate of candidates) members[shardOf(candidate.fileName, shards)]?.push(candidate);
  let answered = 0;
  const asked = tasks.filter(({ shard }) => (members[shard] ?? []).length > 0);
  const askShard = async (task: ShardTask): Promise<ShardSelection> => {
    const answer = await runShard(task, { ...facts, candidates: members[task.shard] ?? [] });
    answered += 1;
    await onProgress?.(answered / (asked.length + 1));
    return answer;
  };
  const answers = await pMap(asked, askShard, { concurrency });
  const secondRound = (share: number) => onProgress?.((asked.length + share) / (asked.length + 1));
  return await selectAmongWinners({ ...request, onProgress: secondRound }, answers);
}

/** The second round. */
async function selectAmongWinners(
  request: SelectionRequest,
  answers: readonly ShardSelection[],
): Promise<SelectionResult> {
  const { candidates, config } = request;
  const positions = new Map(candidates.map(({ fileName }, position) => [fileName, position]));
  const positionOf = (fileName: string) => positions.get(fileName) as number;
  const winners = answers.flatMap(({ fileNames }) => fileNames.map(positionOf)).sort((a, b) => a - b);
  const final = await select({
    ...request,
    config: withCount(config, requestedCount(config, candidates.length)),
    candidates: winners.map((position) => candidates[position] as SelectionCandidate),
  });
  const filteredOut: FilteredOutCandidate[] = answers
    .flatMap((answer) => answer.filteredOut)
    .map(({ fileName, reason }) => ({ index: positionOf(fileName), reason }))
    .sort((a, b) => a.index - b.index);
  const stops = answers.map(({ stoppedBy }) => stoppedBy).filter((stop) => stop !== 'count');
  return {
    chosen: final.chosen.map((choice) => ({ ...choice, index: winners[choice.index] as number })),
    filteredOut,
    // Where the shards had no more to give, the second round only runs out of what they gave.
    stoppedBy: final.stoppedBy === 'candidates' ? (stops[0] ?? 'candidates') : final.stoppedBy,
    notes: [...new Set([...answers.flatMap(({ notes }) => notes), ...final.notes])],
  };
}

import { InvalidInputError } from '#contracts/errors';
import type { SelectionRequest } from '#selection/select';
import type { ShardTask } from '#selection/sharded-selection';
import { parseValueLines, valueLines } from './value-lines.ts';

/** All that the first round of a selection in one shard is made from. */
export interface ShardRound extends Omit<SelectionRequest, 'config' | 'onProgress'> {
  readonly task: ShardTask;
}

/** A round as JSON lines. */
export const shardLines = (round: ShardRound): Generator<string> => valueLines(round);

/** Reads what {@link shardLines} wrote. @throws InvalidInputError where it is of another version, or cut short */
export async function parseShardLines(lines: AsyncIterable<string>): Promise<ShardRound> {
  const round = (await parseValueLines(lines, 'The facts of the shard')) as Partial<ShardRound> | undefined;
  if (round?.task && round.candidates && round.preselected) return round as ShardRound;
  throw new InvalidInputError('The facts of the shard are cut short.');
}

import { InvalidInputError } from '#contracts/errors';
import type { AutoTask, SelectionConfig, SelectionEntry } from '#contracts/selection-config';
import { pathPattern } from './inputs/path-metadata.ts';
import { requestedCount } from './sample-count.ts';
import { strategyFor } from './strategies/registry.ts';
import { type FilterStrategy, type ObjectiveStrategy, strengthOf } from './strategies/strategy.ts';

/**
 * Throws exactly where `select` would refuse the configuration, as far as that does not depend on the images: their
 * tasks, categories and tags.
 *
 * @throws InvalidInputError naming the JSON path of whatever in the configuration can't be carried out.
 */
export function checkSelectionConfig(config: SelectionConfig): void {
  compileConfig(config);
  requestedCount(config, 0);
}

/** An entry of a configuration with the strategy that carries it out. */
export interface ConfiguredStrategy<S> {
  /** Where it is in the configuration, for example `strategies[1]`. */
  readonly path: string;
  readonly entry: SelectionEntry;
  readonly strategy: S;
}

export interface CompiledConfig {
  readonly filters: readonly ConfiguredStrategy<FilterStrategy>[];
  /** Without those that a strength of 0 switches off. */
  readonly objectives: readonly ConfiguredStrategy<ObjectiveStrategy>[];
}

/** @throws InvalidInputError naming the JSON path of whatever in the configuration can't be carried out. */
export function compileConfig({
  strategies,
  autoTasks = [],
  lightlyPathRegex,
}: SelectionConfig): CompiledConfig {
  const filters: ConfiguredStrategy<FilterStrategy>[] = [];
  const objectives: ConfiguredStrategy<ObjectiveStrategy>[] = [];
  strategies.forEach((entry, position) => {
    const path = `strategies[${position}]`;
    const strategy = strategyFor(entry, path);
    if (strategy.kind === 'filter') filters.push({ path, entry, strategy });
    // A strength of 0 makes the factor 1 for everybody: the strategy is off, its stopping condition included.
    else if (strengthOf(entry) !== 0) objectives.push({ path, entry, strategy });
  });
  if (lightlyPathRegex !== undefined) pathPattern(lightlyPathRegex);
  checkAutoTasks(autoTasks, strategies);
  // Rounding depends on the order of the factors; the order in the configuration must not matter.
  objectives.sort((a, b) => compareText(canonicalText(a.entry), canonicalText(b.entry)));
  return { filters, objectives };
}

/** A name must mean one task: parts that the worker cuts out have embeddings, but neither predictions nor scores. */
function checkAutoTasks(autoTasks: readonly AutoTask[], strategies: readonly SelectionEntry[]): void {
  autoTasks.forEach((task, position) => {
    const path = `autoTasks[${position}]`;
    if (autoTasks.findIndex(({ name }) => name === task.name) < position) {
      throw new InvalidInputError(
        `${path}.name: there is another task '${task.name}' before. Rename one of them.`,
      );
    }
    const clash = strategies.findIndex(
      ({ input }) => input.type !== 'EMBEDDINGS' && input.task === task.name,
    );
    if (clash >= 0) {
      throw new InvalidInputError(
        `strategies[${clash}].input.task: '${task.name}' is the task of ${path}, which has no predictions. ` +
          'Use it with EMBEDDINGS, or rename it.',
      );
    }
    checkParts(task, path);
  });
}

/** Of an image. */
const MOST_TILES = 1_000;

function checkTiles(
  { numRows, numCols, overlap }: Extract<AutoTask, { type: 'TILING' }>,
  path: string,
): void {
  if (!(overlap < 1)) {
    throw new InvalidInputError(`${path}.overlap: expected less than 1 but received ${overlap}.`);
  }
  if (numRows * numCols > MOST_TILES) {
    throw new InvalidInputError(
      `${path}.numRows: expected at most ${MOST_TILES} tiles of an image but received ${numRows} × ${numCols}.`,
    );
  }
}

function checkParts(task: AutoTask, path: string): void {
  if (task.type === 'TILING') {
    checkTiles(task, path);
    return;
  }
  const empty = task.bboxs.findIndex(([left, top, right, bottom]) => left >= right || top >= bottom);
  if (empty < 0) return;
  throw new InvalidInputError(
    `${path}.bboxs[${empty}]: expected x and y of the left upper and the right lower corner but received ${JSON.stringify(task.bboxs[empty])}.`,
  );
}

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const canonicalText = ({ input, strategy }: SelectionEntry): string =>
  JSON.stringify([sortedEntries(input), sortedEntries(strategy)]);

/** With the shares of a target in order as well. A key may be called like a method that sorting would call. */
const sortedEntries = (record: object): readonly unknown[] =>
  Object.entries(record)
    .map(([key, value]) => [key, isRecord(value) ? sortedEntries(value) : value] as const)
    .sort(([a], [b]) => compareText(a, b));

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

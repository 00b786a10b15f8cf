import type { FactNeeds } from '#contracts/fact-needs';
import type { SelectionConfig, SelectionEntry } from '#contracts/selection-config';
import { isObjectKey } from './inputs/object-metadata.ts';
import { pathPattern } from './inputs/path-metadata.ts';

/** What a selection looks at beside the facts that are computed of every image when it arrives. */
export interface NeededFacts extends FactNeeds {
  /** Tasks whose crops need embeddings, `autoTasks` included. */
  readonly cropTasks: readonly string[];
}

/**
 * What has to be read before {@link select} can carry out a configuration, each once, in order of the configuration.
 * Strategies that a strength of 0 switches off need nothing.
 *
 * @throws InvalidInputError where `lightlyPathRegex` can't be read
 */
export function neededFacts({ strategies, autoTasks = [], lightlyPathRegex }: SelectionConfig): NeededFacts {
  const inputs = strategies.filter(isOn).map(({ input }) => input);
  const ofType = (type: SelectionEntry['input']['type']) => inputs.filter((input) => input.type === type);
  const cropTasks = distinct(ofType('EMBEDDINGS').flatMap(({ task }) => task || []));
  const automatic = new Set(autoTasks.map(({ name }) => name));
  const scores = ofType('SCORES').flatMap(({ task, score }) => (task && score ? [{ task, score }] : []));
  const predicted = ofType('PREDICTIONS').flatMap(({ task }) => task || []);
  const queries = ofType('EMBEDDINGS').flatMap(({ datasetId, tagName }) =>
    datasetId && tagName ? [{ datasetId, tagName }] : [],
  );
  const fromPath = new Set(lightlyPathRegex === undefined ? [] : pathPattern(lightlyPathRegex).groups);
  return {
    tasks: distinct([
      ...predicted,
      ...scores.map(({ task }) => task),
      ...cropTasks.filter((task) => !automatic.has(task)),
    ]),
    scores: distinctBy(scores, ({ task, score }) => `${task}\n${score}`),
    usesCustomMetadata: ofType('METADATA').some(({ key = '' }) => {
      const [first = ''] = key.split('.');
      return first !== 'lightly' && !isObjectKey(key) && !fromPath.has(first);
    }),
    cropTasks,
    queries: distinctBy(queries, ({ datasetId, tagName }) => `${datasetId}\n${tagName}`),
  };
}

const isOn = ({ strategy }: SelectionEntry): boolean => strategy.strength !== 0;

const distinct = (names: readonly string[]): string[] => [...new Set(names)];

function distinctBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}

import { InvalidInputError } from '#contracts/errors';
import type { DryRunAnswer } from '#contracts/input-routes';
import { inputSettings } from '#contracts/input-settings';
import type { Dataset } from '#contracts/items';
import { parseWith } from '#contracts/schema';
import { newestObjects, type SyncMemoryDeps } from '../../syncs/sync-memory.ts';
import type { DatasourceConnections, DatasourceFile } from '../datasource-objects.ts';
import { type Datasource, type DatasourceStore, datasourceOf } from '../datasources.ts';
import {
  checkInputFilter,
  FILTER_FIELDS,
  type InputFilter,
  inputRules,
  judgeObject,
  type SkipReason,
} from './input-filter.ts';

export interface DryRunDeps {
  readonly datasources: Pick<DatasourceStore, 'get'>;
  readonly datasourceConnections: DatasourceConnections;
  readonly objects: SyncMemoryDeps['objects'];
  readonly buckets: { readonly platform: string };
  /** ms */
  readonly now: () => number;
}

const MOST_EXAMPLES = 20;
/** One page of a listing. */
const MOST_FIRST_OBJECTS = 1_000;

/**
 * What a filter would do with the newest objects of a dataset's INPUT datasource, and where that differs from what the
 * filter of its settings does. Before the first sync is complete, there is no telling which are the newest: then with the
 * first ones of a listing.
 *
 * @param filter as settings have it; undefined: that of the settings
 * @throws InvalidInputError where the filter is not valid; DatasourceError where nothing can be listed
 */
export async function dryRun(
  { dataset, filter }: { readonly dataset: Dataset; readonly filter: object | undefined },
  deps: DryRunDeps,
): Promise<DryRunAnswer> {
  const datasource = datasourceOf(dataset, await deps.datasources.get(dataset.id), 'INPUT');
  const before = inputRules(dataset.settings.input, datasource);
  const after = inputRules(filter === undefined ? dataset.settings.input : parseFilter(filter), datasource);
  const { source, listedAt, objects } = await objectsToTry(dataset, datasource, deps);
  const now = deps.now();
  const answer = {
    ...{ source, listedAt, objects: objects.length },
    ...{ taken: newCount(), archived: newCount(), changes: { taken: newCount(), skipped: newCount() } },
  };
  const skipped = new Map<SkipReason, Counted>();
  for (const object of objects) {
    const judgement = judgeObject(object, after, now);
    const isTaken = judgement === 'taken';
    const wasTaken = judgeObject(object, before, now) === 'taken';
    if (isTaken) count(answer.taken, object.name);
    else count(entryOf(skipped, judgement.skipped), object.name);
    if (isTaken && object.isArchived) count(answer.archived, object.name);
    if (isTaken !== wasTaken) count(isTaken ? answer.changes.taken : answer.changes.skipped, object.name);
  }
  return { ...answer, skipped: [...skipped].map(([reason, counted]) => ({ reason, ...counted })) };
}

function parseFilter(filter: object): InputFilter {
  const strange = Object.keys(filter).find((name) => !FILTER_FIELDS.some((field) => field === name));
  if (strange !== undefined) {
    throw new InvalidInputError(
      `filter.${strange.slice(0, 100)} is no field of a filter. Expected ${FILTER_FIELDS.join(', ')}.`,
    );
  }
  const parsed = parseWith(inputSettings, filter, 'The filter');
  checkInputFilter(parsed);
  return parsed;
}

async function objectsToTry(
  dataset: Dataset,
  datasource: Datasource,
  deps: DryRunDeps,
): Promise<ObjectsToTry> {
  const { objects: kept, buckets } = deps;
  const newest = await newestObjects(dataset, datasource, {
    objects: kept,
    platformBucket: buckets.platform,
  });
  if (newest) return { ...newest, source: 'newest' };
  const objects = await deps.datasourceConnections.open(datasource);
  const listedAt = deps.now();
  const { files } = await objects.list({ prefix: '', after: undefined, limit: MOST_FIRST_OBJECTS });
  return { source: 'first', listedAt, objects: files };
}

interface ObjectsToTry extends Pick<DryRunAnswer, 'source' | 'listedAt'> {
  readonly objects: readonly Pick<DatasourceFile, 'name' | 'size' | 'lastModified' | 'isArchived'>[];
}

interface Counted {
  count: number;
  examples: string[];
}
const newCount = (): Counted => ({ count: 0, examples: [] });

function count(counted: Counted, name: string): void {
  counted.count += 1;
  if (counted.examples.length < MOST_EXAMPLES) counted.examples.push(name);
}

function entryOf(skipped: Map<SkipReason, Counted>, reason: SkipReason): Counted {
  const counted = skipped.get(reason) ?? newCount();
  skipped.set(reason, counted);
  return counted;
}

import type { ReadableDatasource } from '../datasource-objects.ts';
import { afterAllWith, byUtf8Bytes, type NameRange } from '../name-order.ts';
import { endOf, type RelevantFiles } from './relevant-files.ts';

/** Parts of a listing; more would not be read any faster. */
const MOST_SHARDS = 64;
/** Groups of names that are looked for, for each part: the more, the more alike the parts are. */
const GROUPS_PER_SHARD = 2;
const GROUPS_AT_ONCE = 8;
const MOST_PROBES_PER_SHARD = 24;
const PAGE = 1000;

/**
 * Splits a listing into at most so many ranges that overlap nowhere and leave nothing out, whatever the names are and
 * become; that they hold about as many files each is likely where names are.
 */
export async function splitListing(
  objects: ReadableDatasource,
  relevant: RelevantFiles,
  shards: number,
): Promise<NameRange[]> {
  const count = Math.min(shards, MOST_SHARDS);
  if (count === 1) return [{}];
  const { places } = relevant;
  const [only] = places;
  if (places.length >= count) return rangesBetween(evenly(places.map(endOf), count));
  const prefix = places.length === 1 && only?.isPrefix ? only.start : '';
  return rangesBetween(await boundsWithin(objects, prefix, count));
}

/** `count - 1` of the sorted values, in equal steps. */
function evenly(values: readonly string[], count: number): string[] {
  const bounds = Array.from({ length: count - 1 }, (_, at) => {
    const index = Math.floor(((at + 1) * values.length) / count) - 1;
    return values[Math.max(index, 0)] ?? '';
  });
  return bounds.filter((bound, at) => at === 0 || byUtf8Bytes(bound, bounds[at - 1] ?? '') > 0);
}

function rangesBetween(bounds: readonly string[]): NameRange[] {
  return [...bounds, undefined].map((until, at) => ({
    ...(at > 0 && { after: bounds[at - 1] }),
    ...(until !== undefined && { until }),
  }));
}

async function boundsWithin(objects: ReadableDatasource, prefix: string, count: number): Promise<string[]> {
  const { files, isLast } = await objects.list({ prefix, after: undefined, limit: PAGE });
  if (isLast) return files.length < 2 ? [] : evenly(namesOf(files), Math.min(count, files.length));
  const groups = await groupsOfNames(objects, prefix, count);
  return groups.length < 2 ? [] : evenly(groups.map(afterAllWith), Math.min(count, groups.length));
}
const namesOf = (files: readonly { readonly name: string }[]): string[] => files.map(({ name }) => name);

/**
 * Prefixes that together all names begin with, in order. Begins with the one given and replaces each by those that are
 * one character longer, until there are enough; listing all names would take as long as the listing itself.
 */
async function groupsOfNames(objects: ReadableDatasource, prefix: string, count: number): Promise<string[]> {
  const probe = probesOf(objects, count * MOST_PROBES_PER_SHARD);
  let groups = [prefix];
  while (groups.length < count * GROUPS_PER_SHARD && probe.isLeft()) {
    const longer: string[] = [];
    for (let at = 0; at < groups.length; at += GROUPS_AT_ONCE) {
      const some = groups.slice(at, at + GROUPS_AT_ONCE);
      longer.push(...(await Promise.all(some.map((group) => splitGroup(group, probe)))).flat());
    }
    if (longer.length === groups.length && longer.every((group, at) => group === groups[at])) break;
    groups = longer;
  }
  return groups;
}

interface Probe {
  isLeft(): boolean;
  /** The first name with the prefix after another one. */
  first(prefix: string, after: string | undefined): Promise<string | undefined>;
}

function probesOf(objects: ReadableDatasource, most: number): Probe {
  let made = 0;
  return {
    isLeft: () => made < most,
    first: async (prefix, after) => {
      made += 1;
      return (await objects.list({ prefix, after, limit: 1 })).files[0]?.name;
    },
  };
}

/** The group itself where it holds one name only, or nothing more may be asked. */
async function splitGroup(group: string, probe: Probe): Promise<string[]> {
  const name = await probe.first(group, group);
  if (name === undefined || !probe.isLeft()) return [group];
  const shared = await sharedBeginning(group, name, probe);
  const groups: string[] = [];
  // A name may be what all others begin with, as that of a folder is.
  let next = shared === name ? await probe.first(shared, shared) : name;
  if (next === undefined) return [group];
  while (next !== undefined && probe.isLeft()) {
    const longer = shared + String.fromCodePoint(next.codePointAt(shared.length) ?? 0);
    groups.push(longer);
    next = await probe.first(shared, afterAllWith(longer));
  }
  // What was not asked for any more belongs to the last of them; ranges have no gaps between them.
  return groups;
}

/** What all names of the group after the first one begin with: as long as nothing comes after all with it. */
async function sharedBeginning(group: string, first: string, probe: Probe): Promise<string> {
  const characters = [...first.slice(group.length)];
  const beginning = (length: number): string => group + characters.slice(0, length).join('');
  let low = 0;
  let high = characters.length;
  while (low < high && probe.isLeft()) {
    const middle = Math.ceil((low + high) / 2);
    const other = await probe.first(group, afterAllWith(beginning(middle)));
    if (other === undefined) low = middle;
    else high = middle - 1;
  }
  return beginning(low);
}

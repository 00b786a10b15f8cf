import type { RegisteredRawSample } from '#contracts/items';
import {
  type NearDuplicateGroup,
  type NearDuplicateSettings,
  nearDuplicateLimits,
  nearDuplicateSettings,
} from '#contracts/near-duplicates';
import type { RegroupedSample } from '#contracts/run-plan';
import type { AnalysedSample } from '#contracts/samples';
import { derivedObjectId } from '#platform/derived-id';
import type { GroupOf } from '#platform/runs/run-decisions';
import type { SortedCandidates } from '#platform/runs/sort-candidates';
import {
  type ComparedImage,
  groupNearDuplicates,
  type KnownImage,
} from '#selection/near-duplicates/group-near-duplicates';
import type { ReadImage } from './read-image.ts';
import type { RunControl } from './run-control.ts';
import type { RunInput } from './run-input.ts';

/** What is known of near-duplicates among the images of a run. */
export interface NearDuplicates {
  readonly mode: NearDuplicateSettings['mode'];
  readonly groupOf: GroupOf;
  /** Samples that are not candidates and have got their first group. */
  readonly regrouped: readonly RegroupedSample[];
}

const DEFAULT_SETTINGS = nearDuplicateSettings.parse({});

/**
 * Groups the candidates among each other and with the images that earlier runs have read. It looks at the embeddings and
 * hashes that were computed when images arrived, whatever vectors the selection uses: so groups stay the same from run
 * to run.
 */
export async function groupCandidates(
  { dataset, config, nearDuplicates = DEFAULT_SETTINGS, read = [] }: RunInput,
  sorted: SortedCandidates,
  control: Pick<RunControl, 'progress' | 'warn'>,
): Promise<NearDuplicates> {
  const { mode } = nearDuplicates;
  if (mode === 'dedup' && config.docker.selectedSequenceLength > 1) {
    control.warn('Sequences are chosen whole: near-duplicates are grouped, and none is left out.');
  }
  const { selectable, datapool, refreshed } = sorted;
  const model = [...selectable, ...datapool][0]?.facts.embeddingModel;
  if (mode === 'off' || model === undefined) return { mode, groupOf: storedGroups(datapool), regrouped: [] };
  const replaced = refreshed.filter(({ isReplaced }) => isReplaced).map(({ sample }) => sample);
  const readBefore = readByName(read, model);
  const isUnread = ({ fileName, facts }: RegisteredRawSample): boolean =>
    readBefore.get(fileName)?.sha256 !== facts.sha256;
  const names = new Set(
    [...replaced, ...datapool, ...selectable.filter(isUnread)].map(({ fileName }) => fileName),
  );
  const found = await groupNearDuplicates({
    known: [
      ...without(datapool, replaced).map(knownImage),
      ...[...readBefore.values()].filter(({ fileName }) => !names.has(fileName)),
    ],
    fresh: [...replaced, ...selectable.filter(isUnread)].map(comparedImage),
    ...nearDuplicateLimits(nearDuplicates, model),
    groupId: (representative, ordinal) =>
      derivedObjectId('near-duplicates', dataset.id, representative, String(ordinal)),
    onProgress: (share) => control.progress(share),
  });
  const stored = storedGroups(datapool);
  const groupOf: GroupOf = (fileName) =>
    found.get(fileName) ?? stored(fileName) ?? readBefore.get(fileName)?.group;
  return { mode, groupOf, regrouped: regroupedSamples(sorted, found) };
}

/** By file name; without those of another model, which can't be compared. */
const readByName = (read: readonly ReadImage[], model: string): ReadonlyMap<string, ReadImage> =>
  new Map(
    read.filter(({ embeddingModel }) => embeddingModel === model).map((image) => [image.fileName, image]),
  );

function storedGroups(samples: readonly AnalysedSample[]): GroupOf {
  const groups = new Map(
    samples.flatMap(({ fileName, group }) => (group ? [[fileName, group] as const] : [])),
  );
  return (fileName) => groups.get(fileName);
}

function without<T>(all: readonly T[], some: readonly T[]): readonly T[] {
  const left = new Set(some);
  return all.filter((each) => !left.has(each));
}

const comparedImage = ({ fileName, facts }: RegisteredRawSample | AnalysedSample): ComparedImage => ({
  fileName,
  embedding: facts.embedding,
  perceptualHash: facts.perceptualHash,
});
const knownImage = (sample: AnalysedSample): KnownImage => ({
  ...comparedImage(sample),
  group: sample.group,
});

function regroupedSamples(
  { datapool, refreshed }: SortedCandidates,
  found: ReadonlyMap<string, NearDuplicateGroup>,
): RegroupedSample[] {
  // A refreshed one is written anyway.
  const written = new Set(refreshed.map(({ sample }) => sample.fileName));
  return datapool.flatMap(({ index, fileName }) => {
    const group = written.has(fileName) ? undefined : found.get(fileName);
    return group ? [{ index, group }] : [];
  });
}

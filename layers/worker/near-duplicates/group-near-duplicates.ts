import type { RegisteredRawSample } from '#contracts/items';
import {
  type NearDuplicateGroup,
  type NearDuplicateSettings,
  nearDuplicateLimits,
  nearDuplicateSettings,
} from '#contracts/near-duplicates';
import type { RegroupedImage, RegroupedSample } from '#contracts/run-plan';
import type { AnalysedSample } from '#contracts/samples';
import { derivedObjectId } from '#platform/derived-id';
import type { GroupOf } from '#platform/runs/run-decisions';
import type { SortedCandidates } from '#platform/runs/sort-candidates';
import type { ComparedImage, KnownImage } from '#selection/near-duplicates/compared-image';
import { type GroupingRequest, groupNearDuplicates } from '#selection/near-duplicates/group-near-duplicates';
import type { RunControl } from '../run-control.ts';
import type { RunInput } from '../run-input.ts';
import type { ReadImage } from './read-image.ts';

/** What is known of near-duplicates among the images of a run. */
export interface NearDuplicates {
  readonly mode: NearDuplicateSettings['mode'];
  readonly groupOf: GroupOf;
  /** Samples that are not candidates and have got their first group. */
  readonly regrouped: readonly RegroupedSample[];
  /** The same of images that earlier runs have read and not chosen. */
  readonly regroupedImages: readonly RegroupedImage[];
}

const DEFAULT_SETTINGS = nearDuplicateSettings.parse({});

/**
 * Groups the candidates among each other and with the images that earlier runs have read. It looks at the embeddings and
 * hashes that were computed when images arrived, whatever vectors the selection uses: so groups stay the same from run
 * to run. A candidate that an earlier run has grouped keeps its group.
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
  const stored = storedGroups([...sorted.datapool, ...sorted.selectable]);
  const model = [...sorted.selectable, ...sorted.datapool][0]?.facts.embeddingModel;
  if (mode === 'off' || model === undefined) {
    return { mode, groupOf: stored, regrouped: [], regroupedImages: [] };
  }
  // What another model has described can't be compared.
  const readBefore = read.filter(({ embeddingModel }) => embeddingModel === model);
  const found = await groupNearDuplicates({
    ...comparison(sorted, readBefore),
    ...nearDuplicateLimits(nearDuplicates, model),
    groupId: (representative, ordinal) =>
      derivedObjectId('near-duplicates', dataset.id, representative, String(ordinal)),
    onProgress: (share) => control.progress(share),
  });
  return {
    mode,
    groupOf: (fileName) => found.get(fileName) ?? stored(fileName),
    regrouped: regroupedSamples(sorted, found),
    regroupedImages: readBefore.flatMap(({ fileName, registeredAt }) => {
      const group = found.get(fileName);
      return group ? [{ fileName, registeredAt, group }] : [];
    }),
  };
}

/**
 * Samples come first, so that one stands for its group where it can. A candidate that an earlier run has read is in no
 * group where it was alone, or where nobody has looked: it is compared again, before those that are new.
 */
function comparison(
  { selectable, datapool, refreshed }: SortedCandidates,
  read: readonly ReadImage[],
): Pick<GroupingRequest, 'known' | 'fresh'> {
  const replaced = refreshed.filter(({ isReplaced }) => isReplaced).map(({ sample }) => sample);
  const isReplaced = new Set<AnalysedSample>(replaced);
  const grouped = selectable.filter(({ group }) => group !== undefined);
  const others = selectable.filter(({ group }) => group === undefined);
  return {
    known: [
      ...datapool.filter((sample) => !isReplaced.has(sample)).map(knownImage),
      ...[...grouped.map(knownImage), ...read].sort((a, b) => (a.fileName < b.fileName ? -1 : 1)),
    ],
    fresh: [
      ...replaced,
      ...others.filter(({ pending }) => !pending),
      ...others.filter(({ pending }) => pending),
    ].map(comparedImage),
  };
}

function storedGroups(images: readonly (AnalysedSample | RegisteredRawSample)[]): GroupOf {
  const groups = new Map(
    images.flatMap(({ fileName, group }) => (group ? [[fileName, group] as const] : [])),
  );
  return (fileName) => groups.get(fileName);
}

const comparedImage = ({ fileName, facts }: RegisteredRawSample | AnalysedSample): ComparedImage => ({
  fileName,
  embedding: facts.embedding,
  perceptualHash: facts.perceptualHash,
});
const knownImage = (image: RegisteredRawSample | AnalysedSample): KnownImage => ({
  ...comparedImage(image),
  group: image.group,
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

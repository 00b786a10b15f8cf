import { ownEntry } from '#contracts/own-entries';
import type { MetadataInformation } from '#contracts/report-v2';
import type { AnalysedImage } from './analysed-image.ts';
import { categoricalPerSet, countEach } from './categorical-distribution.ts';
import { type ImageSets, perSet } from './image-sets.ts';
import { distributionPerSet } from './numeric-distribution.ts';

/** Of more, those that come first by name: nobody looks at more pictures. */
const MOST_CUSTOM_KEYS = 50;

/** Metadata of each set. A custom key is numeric where all its values are numbers. */
export function analyseMetadata(sets: ImageSets): MetadataInformation {
  const computed = Object.keys(sets.input[0]?.numbers ?? {});
  const kinds = customKinds(sets);
  const ofKind = (wanted: 'numeric' | 'categorical'): string[] =>
    [...kinds].flatMap(([key, kind]) => (kind === wanted ? [key] : []));
  const numeric = (key: string) =>
    distributionPerSet(perSet(sets, (images) => customValues(images, key).map(Number)));
  const categorical = (key: string) =>
    categoricalPerSet(perSet(sets, (images) => countEach(customValues(images, key).map(String))));
  return {
    lightlyNumeric: byName(computed, (name) =>
      distributionPerSet(perSet(sets, (images) => images.map(({ numbers }) => numbers[name] ?? 0))),
    ),
    customNumeric: byName(ofKind('numeric'), numeric),
    customCategorical: byName(ofKind('categorical'), categorical),
  };
}

const byName = <T>(names: readonly string[], of: (name: string) => T): Record<string, T> =>
  Object.fromEntries(names.map((name) => [name, of(name)]));

function customKinds({ input, datapool }: ImageSets): Map<string, 'numeric' | 'categorical'> {
  const kinds = new Map<string, 'numeric' | 'categorical'>();
  for (const images of [input, datapool]) {
    for (const { custom = {} } of images) {
      for (const [key, value] of Object.entries(custom)) {
        if (typeof value !== 'number') kinds.set(key, 'categorical');
        else if (!kinds.has(key)) kinds.set(key, 'numeric');
      }
    }
  }
  const byKey = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(byKey.slice(0, MOST_CUSTOM_KEYS));
}

const customValues = (images: readonly AnalysedImage[], key: string) =>
  images.flatMap(({ custom }) => ownEntry(custom, key) ?? []);

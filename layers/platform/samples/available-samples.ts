import { createHash } from 'node:crypto';
import type { Sample } from '#contracts/samples';
import type { Tag } from '#contracts/tags';
import { differenceOfMasks, maskOfIndexes } from '../tags/bit-mask.ts';
import type { SampleAvailability } from './sample-availability.ts';

/** False where the image of a sample is gone, or in an archive. */
export const isAvailable = ({ availability }: Pick<Sample, 'availability'>): boolean =>
  availability?.isAvailable !== false;

/** Names of what is gone, up to a limit that an item of the table has room for beside everything else. */
const MOST_NAMES = 1_000;
const MOST_NAME_BYTES = 100_000;

/** Samples that a pass has left out because their image can't be had. */
export interface LeftOut {
  readonly count: number;
  /** Of these, those whose image is in an archive, and can be restored. */
  readonly archived: number;
  /** See {@link digestOfIndexes}. */
  readonly digest: string;
  /** The first of them: at most 1,000, and 100,000 bytes. */
  readonly fileNames: readonly string[];
}

function indexDigest() {
  const hash = createHash('sha256');
  return {
    add: (index: number) => void hash.update(`${index} `),
    end: () => hash.copy().digest('hex').slice(0, 32),
  };
}

/** Tells one set of samples from another. @param indexes ascending */
export function digestOfIndexes(indexes: Iterable<number>): string {
  const digest = indexDigest();
  for (const index of indexes) digest.add(index);
  return digest.end();
}

/** The samples whose image is there; what the others were, once all have been read. */
export function availableOf(samples: AsyncIterable<Sample>): {
  readonly samples: AsyncIterable<Sample>;
  readonly leftOut: () => LeftOut;
} {
  const fileNames: string[] = [];
  const digest = indexDigest();
  let count = 0;
  let archived = 0;
  let bytes = 0;
  const pass = async function* (): AsyncGenerator<Sample> {
    for await (const sample of samples) {
      if (isAvailable(sample)) {
        yield sample;
        continue;
      }
      count += 1;
      if (sample.availability?.reason === 'archived') archived += 1;
      digest.add(sample.index);
      bytes += Buffer.byteLength(sample.fileName);
      if (fileNames.length < MOST_NAMES && bytes <= MOST_NAME_BYTES) fileNames.push(sample.fileName);
    }
  };
  return { samples: pass(), leftOut: () => ({ count, archived, digest: digest.end(), fileNames }) };
}

/** The tag without the samples whose image is gone: its pages are as long as they were asked to be. */
export async function availablePartOf(
  tag: Tag,
  { sampleAvailability }: { readonly sampleAvailability: Pick<SampleAvailability, 'unavailableIndexes'> },
): Promise<Tag> {
  const gone = await Array.fromAsync(sampleAvailability.unavailableIndexes(tag.datasetId));
  if (gone.length === 0) return tag;
  const mask = maskOfIndexes(gone, (gone.at(-1) ?? 0) + 1);
  return { ...tag, bitMaskData: differenceOfMasks(tag.bitMaskData, mask) };
}

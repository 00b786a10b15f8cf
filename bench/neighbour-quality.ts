import { COPIES, type DescribedPhoto } from './photos-with-copies.ts';

export type Vectors = DescribedPhoto<Float32Array>;

/** For each photo whether its nearest neighbour, leaving the photo itself out, is of the same kind. */
export const agreements = (photos: readonly Vectors[]): boolean[] =>
  photos.map(({ kind, original }, index) => nearest(original, photos, index)?.kind === kind);

/** Share of photos, for each kind of copy, whose copy is nearer to its photo than to any other photo. */
export function copyRecalls(photos: readonly Vectors[]): Record<string, number> {
  return Object.fromEntries(
    Object.keys(COPIES).map((name, copy) => {
      const found = photos.filter((photo) => nearest(vectorOf(photo, copy), photos) === photo);
      return [name, found.length / photos.length];
    }),
  );
}

/** Distances between copies and their photos, and between each photo and its nearest neighbour; ascending. */
export function distances(photos: readonly Vectors[]): { copies: number[]; neighbours: number[] } {
  const copies = photos.flatMap(({ original, copies: own }) => own.map((copy) => distance(original, copy)));
  const neighbours = photos.map(({ original }, index) => {
    const found = nearest(original, photos, index);
    return found ? distance(original, found.original) : Number.NaN;
  });
  return { copies: copies.sort(ascending), neighbours: neighbours.sort(ascending) };
}

const ascending = (a: number, b: number): number => a - b;
const vectorOf = ({ copies }: Vectors, copy: number): Float32Array => copies[copy] as Float32Array;

function nearest(vector: Float32Array, photos: readonly Vectors[], except?: number): Vectors | undefined {
  let found: Vectors | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, photo] of photos.entries()) {
    if (index === except) continue;
    const apart = distance(vector, photo.original);
    if (apart >= least) continue;
    least = apart;
    found = photo;
  }
  return found;
}

function distance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += ((a[at] as number) - (b[at] as number)) ** 2;
  return Math.sqrt(sum);
}

/** What agreement is by chance: the probability that another photo, taken at random, is of the same kind. */
export function chanceAgreement(photos: readonly { readonly kind: string }[]): number {
  const counts = Object.values(Object.groupBy(photos, ({ kind }) => kind)).map((group) => group?.length ?? 0);
  const pairs = counts.reduce((sum, count) => sum + count * (count - 1), 0);
  return pairs / (photos.length * (photos.length - 1));
}

export const shareOf = (hits: readonly boolean[]): number => hits.filter(Boolean).length / hits.length;

import { existsSync } from 'node:fs';
import { areaAverage } from '#imaging/area-average';
import {
  CLASSICAL_WEIGHTS,
  type ClassicalParts,
  classicalEmbedding,
  classicalParts,
  joinParts,
  type PartWeights,
} from '#imaging/classical-embedding';
import type { RgbPixels } from '#imaging/rgb-pixels';
import { bootstrapInterval, heldOutShares } from './cross-validation.ts';
import {
  agreements,
  chanceAgreement,
  copyRecalls,
  distances,
  shareOf,
  type Vectors,
} from './neighbour-quality.ts';
import { namedFolder } from './photo-files.ts';
import { type DescribedPhoto, describePhotos } from './photos-with-copies.ts';
import { seededRandom } from './random-draws.ts';

/*
 * What the built-in embedding is worth on photos in a folder for each kind: `node bench/embedding-quality.ts <folder>`.
 * Every vector is made from the files, as ingest does it.
 */

interface Descriptions {
  readonly parts: ClassicalParts;
  readonly histogram: Float32Array;
  readonly noise: Float32Array;
}

const SPLITS = 20;
const FOLDS = 5;
const random = seededRandom(20240517);
const folder = namedFolder();

async function measure(from: string): Promise<void> {
  const photos = await describePhotos(from, describe);
  const kinds = new Set(photos.map(({ kind }) => kind));
  console.log(
    `${photos.length} photos of ${kinds.size} kinds; by chance ${percent(chanceAgreement(photos))} agree`,
  );
  report(
    'random vectors',
    vectorsOf(photos, ({ noise }) => noise),
  );
  report(
    'colour histogram (64)',
    vectorsOf(photos, ({ histogram }) => histogram),
  );
  report(classicalEmbedding.name, classicalVectors(photos, CLASSICAL_WEIGHTS));
  reportHeldOut(photos);
}

function describe(preview: RgbPixels): Descriptions {
  const noise = Float32Array.from({ length: 256 }, () => random() + random() + random() - 1.5);
  return { parts: classicalParts(preview), histogram: colourHistogram(preview), noise };
}

/** Roots of the shares of 4 × 4 × 4 cells of red, green and blue. */
function colourHistogram(preview: RgbPixels): Float32Array {
  const points = areaAverage(preview, 64, 64);
  const cells = new Float32Array(64);
  for (let at = 0; at < points.length; at += 3) {
    const [red = 0, green = 0, blue = 0] = points.subarray(at, at + 3);
    const cell = (Math.floor(red / 64) * 4 + Math.floor(green / 64)) * 4 + Math.floor(blue / 64);
    cells[cell] = (cells[cell] as number) + 3 / points.length;
  }
  return cells.map(Math.sqrt);
}

function vectorsOf(
  photos: readonly DescribedPhoto<Descriptions>[],
  vectorOf: (description: Descriptions) => Float32Array,
): Vectors[] {
  return photos.map(({ kind, original, copies }) => ({
    kind,
    original: vectorOf(original),
    copies: copies.map(vectorOf),
  }));
}

const classicalVectors = (photos: readonly DescribedPhoto<Descriptions>[], weights: PartWeights): Vectors[] =>
  vectorsOf(photos, ({ parts }) => joinParts(parts, weights));

function report(name: string, photos: readonly Vectors[]): void {
  const hits = agreements(photos);
  const [low, high] = bootstrapInterval(hits, random);
  const recalls = Object.entries(copyRecalls(photos)).map(([copy, recall]) => `${copy} ${percent(recall)}`);
  const { copies, neighbours } = distances(photos);
  const apart = `copies ${quantiles(copies)}, nearest other photo ${quantiles(neighbours)}`;
  console.log(`${name}: agreement ${percent(shareOf(hits))} (${percent(low)} to ${percent(high)})`);
  console.log(`  copies found: ${recalls.join(', ')}`);
  console.log(`  distances (1 %, 50 %, 99 %): ${apart}`);
}

/** The weights that are tried: those of each part but the edges at 0.6, 1 and 1.5 times what they are, or nothing. */
const TRIED = [0, 0.6, 1, 1.5];

function reportHeldOut(photos: readonly DescribedPhoto<Descriptions>[]): void {
  const { layout, colours, texture } = CLASSICAL_WEIGHTS;
  const settings = TRIED.flatMap((a) =>
    TRIED.flatMap((b) =>
      TRIED.map((c) => ({ edges: 1, layout: a * layout, colours: b * colours, texture: c * texture })),
    ),
  );
  const hits = settings.map((weights) => agreements(classicalVectors(photos, weights)));
  const all = hits.map(shareOf);
  console.log(
    `${settings.length} settings of the weights: agreement ${percent(Math.min(...all))} to ${percent(Math.max(...all))}`,
  );
  const byPhoto = Array.from({ length: SPLITS }, () => photos.map(() => Math.floor(random() * FOLDS)));
  const kinds = [...new Set(photos.map(({ kind }) => kind))];
  const byKind = Array.from({ length: SPLITS }, () => {
    const half = new Set(kinds.toSorted(() => random() - 0.5).slice(0, kinds.length / 2));
    return photos.map(({ kind }) => (half.has(kind) ? 1 : 0));
  });
  for (const [what, splits] of [
    [`the other ${FOLDS - 1} fifths of the photos`, byPhoto],
    ['the other half of the kinds', byKind],
  ] as const) {
    const shares = heldOutShares(hits, splits).sort((a, b) => a - b);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    console.log(`  chosen on ${what}: ${percent(mean)} (${percent(shares[0])} to ${percent(shares.at(-1))})`);
  }
}

function percent(share = Number.NaN): string {
  return `${(100 * share).toFixed(1)} %`;
}

const quantiles = (sorted: readonly number[]): string =>
  [0.01, 0.5, 0.99].map((share) => sorted[Math.floor(share * sorted.length)]?.toFixed(2)).join(', ');

if (existsSync(folder)) await measure(folder);
else console.log('embedding quality: not run: no data');

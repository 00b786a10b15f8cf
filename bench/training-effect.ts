import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { type TrainingConfig, trainingConfig } from '#contracts/training-config';
import { analyseImage } from '#imaging/analyse-image';
import { classicalEmbedding } from '#imaging/classical-embedding';
import { NO_LIMITS } from '#worker/crops/embed-crops';
import { fitProjection, type ImageViews } from '#worker/training/fit-projection';
import { project } from '#worker/training/projection-head';
import { seededRandom, shuffledOrder } from '#worker/training/seeded-random';
import { fitSettings } from '#worker/training/train-projection';
import { trainingViews } from '#worker/training/training-views';
import { agreements, copyRecalls, shareOf, type Vectors } from './neighbour-quality.ts';
import { namedFolder } from './photo-files.ts';
import { describePhotos } from './photos-with-copies.ts';

/*
 * What a trained projection is worth on photos that it was not trained on, in a folder for each kind:
 * `node bench/training-effect.ts <folder>`. Half of the photos are trained on, the other half is measured, for several
 * ways of halving them; the seed of the training is another one each time.
 */

const folder = namedFolder();
const SEEDS = [1, 2, 3, 4, 5];
/** A copy that the model was not made for: mirrored, and cut off by this share at each border. */
const HARD_CROP = 0.15;
const QUALITY = 90;

interface Photo extends Vectors {
  readonly mirrored: Float32Array;
  readonly bytes: Buffer;
}

/** What is measured of some photos: each a share. */
interface Measured {
  readonly agreement: number;
  readonly copies: number;
  readonly mirrored: number;
}

async function measure(): Promise<void> {
  const photos = await readPhotos();
  const { dimension, name } = classicalEmbedding;
  console.log(
    `${photos.length} photos; half of them are measured, mean and standard deviation of ${SEEDS.length} halves`,
  );
  report(
    `${name} (${dimension})`,
    SEEDS.map((seed) => measured(halves(photos, seed).held, (vector) => vector)),
  );
  const settings = [
    ['untrained', { trainer: { maxEpochs: 0 } }],
    ['trained', {}],
    ['trained, batch 64, temperature 0.1', { loader: { batchSize: 64 }, criterion: { temperature: 0.1 } }],
    [
      'the same, 128 values',
      { loader: { batchSize: 64 }, criterion: { temperature: 0.1 }, model: { numFtrs: 128 } },
    ],
    [
      'without recolouring',
      {
        loader: { batchSize: 64 },
        criterion: { temperature: 0.1 },
        collate: { cjProb: 0, randomGrayScale: 0 },
      },
    ],
  ] as const;
  for (const [label, changes] of settings) report(label, await measuredHalves(photos, changes));
}

async function measuredHalves(photos: readonly Photo[], changes: object): Promise<Measured[]> {
  const results: Measured[] = [];
  for (const seed of SEEDS) {
    const training = trainingConfig.parse({ ...changes, seed });
    const { trained, held } = halves(photos, seed);
    const views = await viewsOf(trained, training);
    const { head } = await fitProjection(views, fitSettings(training, views.length));
    results.push(measured(held, (vector) => project(head, vector)));
  }
  return results;
}

function halves(photos: readonly Photo[], seed: number): { trained: Photo[]; held: Photo[] } {
  const order = [...shuffledOrder(photos.length, seededRandom('halves', seed))];
  const at = order.map((index) => photos[index] as Photo);
  return { trained: at.slice(0, photos.length / 2), held: at.slice(photos.length / 2) };
}

function measured(photos: readonly Photo[], look: (vector: Float32Array) => Float32Array): Measured {
  const looked = photos.map(({ kind, original, copies }) => ({
    kind,
    original: look(original),
    copies: copies.map(look),
  }));
  const mirrored = looked.map((photo, index) => ({
    ...photo,
    copies: photo.copies.map(() => look((photos[index] as Photo).mirrored)),
  }));
  const mean = (recalls: Record<string, number>) =>
    Object.values(recalls).reduce((sum, recall) => sum + recall, 0) / Object.keys(recalls).length;
  return {
    agreement: shareOf(agreements(looked)),
    copies: mean(copyRecalls(looked)),
    mirrored: mean(copyRecalls(mirrored)),
  };
}

/** As a run makes them of its images. */
const knownViews = new Map<string, ImageViews>();
async function viewsOf(photos: readonly Photo[], training: TrainingConfig): Promise<ImageViews[]> {
  const views: ImageViews[] = [];
  for (const photo of photos) {
    const fileName = `${photo.bytes.length}-${photo.bytes.subarray(-16).toString('hex')}`;
    const key = JSON.stringify([fileName, training.collate]);
    let known = knownViews.get(key);
    if (!known) {
      [known = []] = await trainingViews([await referenceOf(fileName, photo.bytes)], {
        ...{ training: { ...training, seed: 1 }, model: classicalEmbedding, task: undefined },
        images: { read: async () => photo.bytes },
        onImage: async () => undefined,
      });
      knownViews.set(key, known);
    }
    views.push(known);
  }
  return views;
}

async function referenceOf(fileName: string, bytes: Buffer) {
  const limits = { ...NO_LIMITS, thumbnailSize: 128, keepGps: false };
  const { facts } = await analyseImage(bytes, limits, classicalEmbedding);
  return { fileName, bucket: 'photos', key: fileName, facts };
}

async function readPhotos(): Promise<Photo[]> {
  const paths = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.jpg')).sort();
  const described = await describePhotos(folder, (preview) =>
    Float32Array.from(classicalEmbedding.embed({ ...preview, orientation: 1, preview }) as Float32Array),
  );
  return Promise.all(
    described.map(async (photo, index) => {
      const bytes = await readFile(join(folder, paths[index] as string));
      const { facts } = await referenceOf('mirrored', await mirroredPart(bytes));
      return { ...photo, bytes, mirrored: facts.embedding };
    }),
  );
}

async function mirroredPart(bytes: Buffer): Promise<Buffer> {
  const { data, info } = await sharp(bytes)
    .autoOrient()
    .png({ compressionLevel: 1 })
    .toBuffer({ resolveWithObject: true });
  const [left, top] = [Math.round(info.width * HARD_CROP), Math.round(info.height * HARD_CROP)];
  const inside = { left, top, width: info.width - 2 * left, height: info.height - 2 * top };
  return sharp(data).extract(inside).flop().jpeg({ quality: QUALITY }).toBuffer();
}

function report(label: string, results: readonly Measured[]): void {
  const spread = (of: keyof Measured): string => {
    const values = results.map((result) => 100 * result[of]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return `${mean.toFixed(1)} ± ${Math.sqrt(variance).toFixed(1)} %`;
  };
  console.log(
    `${label.padEnd(36)} agreement ${spread('agreement')}, copies ${spread('copies')}, mirrored ${spread('mirrored')}`,
  );
}

if (existsSync(folder)) await measure();
else console.log('training effect: not run: no data');

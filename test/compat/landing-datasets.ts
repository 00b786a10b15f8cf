import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { landingPrefix } from '#contracts/s3-keys';
import type { Flow } from '../support/flow.ts';
import { photo } from '../support/photos.ts';
import { givenFiles } from './given-files.ts';

const PHOTOS = 10;
/** As many as a projection is trained on at least. */
const PHOTOS_TO_TRAIN_ON = 16;
/** What the pipeline's own runs choose of them. */
const SELECTED = 6;
/** Of the dataset whose photos arrive in two batches. */
const FIRST_BATCH = 6;
const SECOND_BATCH = 3;
const WAITING = { schedule: { minNewImages: 1000, maxWaitSeconds: 86_400 } };
const WRITE_URL_LIFE_SECONDS = 900;

export interface Photo {
  readonly fileName: string;
  readonly bytes: Buffer;
}

/** Draws `photo-01.jpg` and so on into a folder. */
export async function drawPhotos(folder: string): Promise<Photo[]> {
  await mkdir(folder, { recursive: true });
  const scenes = Array.from({ length: PHOTOS_TO_TRAIN_ON }, (_, scene) => scene);
  return Promise.all(
    scenes.map(async (scene) => {
      const fileName = `photo-${String(scene + 1).padStart(2, '0')}.jpg`;
      const bytes = await photo(scene);
      await writeFile(join(folder, fileName), bytes);
      return { fileName, bytes };
    }),
  );
}

export interface LandingParts {
  readonly flow: Flow;
  readonly s3: S3Client;
  readonly photos: readonly Photo[];
}

/** Datasets that are made the way the pipeline makes them: by photos in the landing bucket. Each returns the name. */
export function landingDatasets({ flow, s3, photos }: LandingParts) {
  const fill = async (name: string, settings: object, count = PHOTOS): Promise<string> => {
    await flow.configure(name, {
      exports: { formats: ['filenames'] },
      archive: { enabled: false },
      ...settings,
    });
    for (const { fileName, bytes } of photos.slice(0, count)) {
      await flow.put(landingPrefix(name) + fileName, bytes);
    }
    return name;
  };
  return {
    /** The pipeline runs by itself when all photos have arrived, and chooses {@link SELECTED}. */
    completedDataset: (name: string) => {
      const strategies = [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }];
      const run = { selection: { nSamples: SELECTED, strategies } };
      return fill(name, { schedule: { minNewImages: PHOTOS }, run });
    },
    /** The photos wait for a run that somebody schedules. */
    waitingDataset: (name: string, count = PHOTOS) => fill(name, WAITING, count),
    /** The photos wait, and below `.lightly/` is what somebody knows of them. */
    describedDataset: async (name: string) => {
      await fill(name, WAITING);
      const dataset = await flow.client.datasets.findByName(name);
      for (const [file, content] of Object.entries(givenFiles(PHOTOS))) {
        const { bucket, prefix } = dataset!.platformFolder;
        await flow.client.objects.put({ bucket, key: `${prefix}.lightly/${file}` }, content, {
          contentType: 'application/json',
        });
      }
      return name;
    },
    /** Enough photos to train on wait, and one that was cut off. */
    trainingDataset: async (name: string) => {
      await fill(name, WAITING, PHOTOS_TO_TRAIN_ON);
      await flow.put(`${landingPrefix(name)}broken.jpg`, photos[0]!.bytes.subarray(0, 900));
      return name;
    },
    /** The first photos wait. @returns the name, and of each later photo its path and a URL to write it to */
    growingDataset: async (name: string, folder: string): Promise<string[]> => {
      await fill(name, WAITING, FIRST_BATCH);
      const later = photos.slice(FIRST_BATCH, FIRST_BATCH + SECOND_BATCH);
      const targets = later.map(async ({ fileName }) => {
        const target = { Bucket: flow.buckets.landing, Key: landingPrefix(name) + fileName };
        const expiresIn = WRITE_URL_LIFE_SECONDS;
        return [join(folder, fileName), await getSignedUrl(s3, new PutObjectCommand(target), { expiresIn })];
      });
      return [name, ...(await Promise.all(targets)).flat()];
    },
    /** Resolves when the photos of all datasets have been taken in and no run is going on. */
    atRest: () => flow.cloud.idle(['ingest', 'schedule', 'run']),
  };
}

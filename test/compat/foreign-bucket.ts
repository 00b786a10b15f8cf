import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Connection } from '../../local/local-cloud.ts';
import type { RolePlan } from '../../local/plan-types.ts';
import type { Photo } from './landing-datasets.ts';

export const FOREIGN_BUCKET = 'camera-archive-of-another-account';
const EXTERNAL_ID = 'agreed-external-id';
const PHOTOS = 4;

/** The role of another account that trusts whoever knows the external ID. */
export const LIGHTLY_ROLE: RolePlan = {
  arn: 'arn:aws:iam::123456789012:role/Lightly-S3-Integration',
  name: 'Lightly-S3-Integration',
  trust: {
    Statement: [
      {
        Effect: 'Allow',
        Action: ['sts:AssumeRole'],
        Principal: '*',
        Condition: { StringEquals: { 'sts:ExternalId': [EXTERNAL_ID] } },
      },
    ],
  },
  policies: [
    {
      Statement: [
        {
          Effect: 'Allow',
          Action: ['s3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:DeleteObject'],
          Resource: [`arn:aws:s3:::${FOREIGN_BUCKET}`, `arn:aws:s3:::${FOREIGN_BUCKET}/*`],
        },
      ],
    },
  ],
  maximumSessionSeconds: 43_200,
};

/**
 * Fills the bucket with photos under `camera/` and what a Lightly datasource has under `curated/.lightly/`.
 *
 * @param folder gets the files that lie under `camera/`
 * @returns bucket, region, role, external ID, access key and its secret, and `folder`
 */
export async function fillForeignBucket(
  s3: S3Client,
  { region, accessKeyId, secretAccessKey }: Connection,
  photos: readonly Photo[],
  folder: string,
): Promise<string[]> {
  const put = (Key: string, Body: Buffer | string) =>
    s3.send(new PutObjectCommand({ Bucket: FOREIGN_BUCKET, Key, Body }));
  await mkdir(folder, { recursive: true });
  const ours = photos.slice(0, PHOTOS);
  for (const { fileName, bytes } of ours) {
    await put(`camera/${fileName}`, bytes);
    await writeFile(join(folder, fileName), bytes);
  }
  await put('camera/readme.txt', 'No image.\n');
  for (const [name, content] of Object.entries(lightlyFiles(ours))) {
    await put(`curated/.lightly/${name}`, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return [FOREIGN_BUCKET, region, LIGHTLY_ROLE.arn, EXTERNAL_ID, accessKeyId, secretAccessKey, folder];
}

const stem = ({ fileName }: Photo): string => fileName.replace(/\.\w+$/, '');

const lines = (rows: readonly string[]): string => `${rows.join('\n')}\n`;

function lightlyFiles(photos: readonly Photo[]): Record<string, string | object> {
  const perPhoto = photos.flatMap((photo) => {
    const { fileName } = photo;
    const prediction = { category_id: 1, bbox: [10, 20, 30, 40], score: 0.75 };
    return [
      // With spaces behind colons, as Python writes it.
      [
        `predictions/vehicles/${stem(photo)}.json`,
        JSON.stringify({ file_name: fileName, predictions: [prediction] }).replaceAll('":', '": '),
      ],
      [
        `metadata/${stem(photo)}.json`,
        { file_name: fileName, type: 'image', metadata: { scene: 'motorway' } },
      ],
    ];
  });
  const names = photos.map(({ fileName }) => fileName);
  const scene = { name: 'Scene', path: 'scene', defaultValue: '', valueDataType: 'CATEGORICAL_STRING' };
  const categories = [
    { id: 0, name: 'car' },
    { id: 1, name: 'bus' },
  ];
  return {
    ...Object.fromEntries(perPhoto),
    'predictions/tasks.json': ['vehicles'],
    'predictions/vehicles/schema.json': { task_type: 'object-detection', categories },
    'metadata/schema.json': [scene],
    'embeddings/own.csv': lines(['filenames,embedding_0,labels', ...names.map((name) => `${name},0.5,0`)]),
    'relevant.txt': lines(names.slice(0, 2)),
  };
}

import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { DatasourceConfig } from '#contracts/protocol/types.gen';
import { type ApiWorld, startApiWorld } from './api-world.ts';

/** A dataset to work on. */
export interface MadeDataset {
  /** Of requests. */
  readonly path: { readonly datasetId: string };
  readonly name: string;
}

/** The API, with what tests of datasources make in it. */
export async function startDatasourceWorld() {
  const world: ApiWorld = await startApiWorld();
  const { landing, platform } = world.deps.buckets;
  let made = 0;
  const put = (Bucket: string, Key: string, Body: string) =>
    world.storage.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  return {
    ...world,
    landing,
    platform,
    /** @param token its owner's; the administrator's where there is none */
    newDataset: async (token?: string): Promise<MadeDataset> => {
      made += 1;
      const name = `datasources-${made}`;
      const { id } = await world.call('create_dataset', { body: { name }, ...(token && { token }) });
      return { path: { datasetId: id }, name };
    },
    /** Puts a file where the dataset's images are. */
    putInput: ({ name }: MadeDataset, file: string, body = 'x') => put(landing, `${name}/${file}`, body),
    /** Puts a file where what is made of images is. */
    putLightly: async ({ path }: MadeDataset, file: string, body: string) => {
      const dataset = await world.deps.datasets.get(path.datasetId);
      return put(platform, `${dataset?.platformFolder.prefix}${file}`, body);
    },
  };
}
export type DatasourceWorld = Awaited<ReturnType<typeof startDatasourceWorld>>;

export const SECRET = 'a-secret-that-nobody-may-see';
export const S3 = {
  type: 'S3',
  purpose: 'INPUT',
  fullPath: 's3://some-bucket/images/',
  thumbSuffix: '.lightly/thumbnails/[filename]_thumb.[extension]',
  s3Region: 'eu-central-1',
  s3AccessKeyId: 'AKIDEXAMPLE',
  s3SecretAccessKey: SECRET,
} as const;
export const DELEGATED = {
  type: 'S3DelegatedAccess',
  purpose: 'INPUT',
  fullPath: 's3://some-bucket/images',
  s3Region: 'us-gov-east',
  s3ExternalId: 'agreed-external-id',
  s3ARN: 'arn:aws:iam::123456789012:role/Lightly',
} as const;
/** One of each type that is not Winnow's own, and the name of its secret. */
export const CONFIGS: readonly (readonly [DatasourceConfig, secret: string | undefined])[] = [
  [
    { ...S3, s3ServerSideEncryptionKMSKey: 'arn:aws:kms:eu-central-1:123456789012:key/1' },
    's3SecretAccessKey',
  ],
  [DELEGATED, undefined],
  [
    {
      type: 'GCS',
      purpose: 'INPUT',
      fullPath: 'gs://bucket/images',
      gcsProjectId: 'p',
      gcsCredentials: SECRET,
    },
    'gcsCredentials',
  ],
  [
    { type: 'AZURE', purpose: 'INPUT', fullPath: 'container/images', accountName: 'a', accountKey: SECRET },
    'accountKey',
  ],
  [
    {
      type: 'OBS',
      purpose: 'INPUT',
      fullPath: 'obs://bucket/images',
      obsEndpoint: 'https://obs.example.com',
      obsAccessKeyId: 'id',
      obsSecretAccessKey: SECRET,
    },
    'obsSecretAccessKey',
  ],
  [
    { type: 'LOCAL', purpose: 'INPUT', fullPath: 'images', webServerLocation: 'http://localhost:3456' },
    undefined,
  ],
];

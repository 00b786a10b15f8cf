import { afterEach, describe, expect, test } from '@jest/globals';
import { type ClientWorld, startClientWorld } from '../support/client-world.ts';

let world: ClientWorld;
const start = async (...how: Parameters<typeof startClientWorld>) => {
  world = await startClientWorld(...how);
  return world;
};
afterEach(async () => world.server.stop());

describe('datasources', () => {
  const thumbSuffix = '.lightly/thumbnails/[filename]_thumb.[extension]';

  test('of all kinds are set as the protocol has them', async () => {
    const { client, server } = await start({ update_datasource_by_dataset_id: () => undefined });
    await client.setS3Config({
      ...{
        resourcePath: 's3://bucket/cats',
        region: 'eu-central-1',
        accessKey: 'key',
        secretAccessKey: 'secret',
      },
      ...{ purpose: 'INPUT', thumbnailSuffix: null },
    });
    const roleArn = 'arn:aws:iam::123456789012:role/winnow';
    await client.setS3DelegatedAccessConfig({
      ...{ resourcePath: 's3://bucket', region: 'us-east-1', roleArn, externalId: 'external-id' },
      purpose: 'LIGHTLY',
    });
    await client.setGcsConfig({ resourcePath: 'gs://bucket', projectId: 'project', credentials: '{}' });
    await client.setAzureConfig({ containerName: 'container', accountName: 'account', sasToken: 'sas' });
    await client.setObsConfig({
      ...{ resourcePath: 'obs://bucket', obsEndpoint: 'https://obs.example.com' },
      ...{ obsAccessKeyId: 'key', obsSecretAccessKey: 'secret' },
    });
    await client.setLocalConfig({ relativePath: 'cats' });
    const purpose = 'INPUT_OUTPUT';
    expect(server.calls.map(({ body }) => body)).toEqual([
      {
        ...{ type: 'S3', fullPath: 's3://bucket/cats', s3Region: 'eu-central-1' },
        ...{ s3AccessKeyId: 'key', s3SecretAccessKey: 'secret', purpose: 'INPUT' },
      },
      {
        ...{ type: 'S3DelegatedAccess', fullPath: 's3://bucket', s3Region: 'us-east-1' },
        ...{ s3ARN: roleArn, s3ExternalId: 'external-id', purpose: 'LIGHTLY', thumbSuffix },
      },
      {
        type: 'GCS',
        fullPath: 'gs://bucket',
        gcsProjectId: 'project',
        gcsCredentials: '{}',
        purpose,
        thumbSuffix,
      },
      {
        type: 'AZURE',
        fullPath: 'container',
        accountName: 'account',
        accountKey: 'sas',
        purpose,
        thumbSuffix,
      },
      {
        ...{ type: 'OBS', fullPath: 'obs://bucket', obsEndpoint: 'https://obs.example.com' },
        ...{ obsAccessKeyId: 'key', obsSecretAccessKey: 'secret', purpose, thumbSuffix },
      },
      { type: 'LOCAL', fullPath: 'cats', webServerLocation: 'http://localhost:3456', purpose, thumbSuffix },
    ]);
  });

  test('say what may be done with them', async () => {
    const permissions = { canRead: true, canWrite: false, canList: true, canOverwrite: false };
    const { client } = await start({ verify_datasource_by_dataset_id: () => permissions });
    await expect(client.listDatasourcePermissions()).resolves.toEqual(permissions);
  });

  test('are read by their purpose', async () => {
    const config = { type: 'LOCAL', purpose: 'INPUT', fullPath: '' } as const;
    const { client, server } = await start({ get_datasource_by_dataset_id: () => config });
    await expect(client.getDatasource({ purpose: 'INPUT' })).resolves.toEqual(config);
    expect(server.calls[0]?.query).toEqual({ purpose: 'INPUT' });
  });
});

import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DatasourceConfig } from '#contracts/datasources';
import { isPrivateAddress } from '#stores/address-guard';
import { type StoreServers, storeConnections } from '#stores/store-connections';
import { type StorageServer, startStorageServer } from '../support/aws-servers.ts';
import { datasourceWith } from '../support/stores/opened-stores.ts';

let storage: StorageServer;
let port: string;
beforeAll(async () => {
  storage = await startStorageServer();
  port = new URL(storage.endpoint).port;
  await storage.s3.send(new CreateBucketCommand({ Bucket: 'obs-images' }));
  await storage.s3.send(new PutObjectCommand({ Bucket: 'obs-images', Key: 'in/a.jpg', Body: 'x' }));
});
afterAll(() => storage.stop());

const obs = (obsEndpoint: string): DatasourceConfig => ({
  ...{ type: 'OBS', purpose: 'INPUT', fullPath: 'obs://obs-images/in', obsEndpoint },
  ...{ obsAccessKeyId: 'AKIDCONTRACTTEST', obsSecretAccessKey: 'not-a-secret' },
});
const local = (webServerLocation: string): DatasourceConfig => ({
  ...{ type: 'LOCAL', purpose: 'INPUT', fullPath: '', webServerLocation },
});
const s3: DatasourceConfig = {
  ...{ type: 'S3', purpose: 'INPUT', fullPath: 's3://obs-images/in', s3Region: 'eu-central-1' },
  ...{ s3AccessKeyId: 'AKIDCONTRACTTEST', s3SecretAccessKey: 'not-a-secret' },
};
async function names(config: DatasourceConfig, servers: StoreServers, access = {}) {
  const objects = await storeConnections(servers).open(datasourceWith(config, 'INPUT', access));
  const { files } = await objects.list({ prefix: '', after: undefined, limit: 10 });
  return files.map(({ name }) => name);
}

describe('an endpoint that speaks S3', () => {
  test('is asked for its images, in the style that it wants', async () => {
    expect(await names(obs(storage.endpoint), { privateEndpoints: 'allow' })).toEqual(['a.jpg']);
    const access = { endpoint: storage.endpoint };
    expect(await names(s3, { privateEndpoints: 'allow' }, access)).toEqual(['a.jpg']);
  });
});

describe('endpoints that lead to a private address are not asked', () => {
  const FORMS = ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', '0'];

  test.each(FORMS)('%s', async (host) => {
    const endpoint = `http://${host}:${port}`;
    const refused = { code: 'INVALID_INPUT', problem: { code: 'MISCONFIGURED', scope: 'datasource' } };
    const message = expect.stringContaining('private address');
    await expect(names(obs(endpoint), {})).rejects.toMatchObject({ ...refused, message });
    await expect(names(local(endpoint), {})).rejects.toMatchObject({ ...refused, message });
    await expect(names(s3, {}, { endpoint })).rejects.toMatchObject({ ...refused, message });
  });

  test.each([
    ...['10.1.2.3', '100.64.0.1', '169.254.169.254', '172.31.0.1', '192.168.1.1', '0.0.0.0', '224.0.0.1'],
    ...['::', 'fd00:ec2::254', 'fe80::1', '::ffff:10.0.0.1', '64:ff9b::a00:1', '2002:a00:1::'],
  ])('%s is one', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });

  test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2600:1f18::1', '::ffff:8.8.8.8'])(
    '%s is none',
    (address) => {
      expect(isPrivateAddress(address)).toBe(false);
    },
  );
});

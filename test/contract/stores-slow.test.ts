import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { DatasourceConfig } from '#contracts/datasources';
import { readsInTime } from '#stores/reads-in-time';
import { storeConnections } from '#stores/store-connections';
import { readBody } from '../../functions/ingest/read-body.ts';
import { datasourceWith } from '../support/stores/opened-stores.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function startServer(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const KINDS: readonly (readonly [
  name: string,
  config: (url: string) => DatasourceConfig,
  access: boolean,
])[] = [
  ['LOCAL', (url) => ({ type: 'LOCAL', purpose: 'INPUT', fullPath: '', webServerLocation: url }), false],
  [
    'OBS',
    (url) => ({
      ...{ type: 'OBS', purpose: 'INPUT', fullPath: 'obs://images', obsEndpoint: url },
      ...{ obsAccessKeyId: 'AKIDCONTRACTTEST', obsSecretAccessKey: 'not-a-secret' },
    }),
    false,
  ],
  [
    'S3',
    () => ({
      ...{ type: 'S3', purpose: 'INPUT', fullPath: 's3://images', s3Region: 'eu-central-1' },
      ...{ s3AccessKeyId: 'AKIDCONTRACTTEST', s3SecretAccessKey: 'not-a-secret' },
    }),
    true,
  ],
];
const UNREACHABLE = { problem: { code: 'UNREACHABLE', scope: 'datasource' } };

describe.each(KINDS)('a server of type %s', (_, configOf, isEndpoint) => {
  const opened = (url: string, mostMs: number) =>
    readsInTime(storeConnections({ privateEndpoints: 'allow' }), mostMs).open(
      datasourceWith(configOf(url), 'INPUT', isEndpoint ? { endpoint: url } : {}),
    );

  test('that says nothing is not waited for', async () => {
    const files = await opened(await startServer(() => {}), 300);
    await expect(files.head('a.jpg')).rejects.toMatchObject(UNREACHABLE);
    await expect(files.open('a.jpg')).rejects.toMatchObject(UNREACHABLE);
  });

  test('that sends one byte after the other is not read to the end', async () => {
    const url = await startServer((_, response) => {
      response.writeHead(200, { 'content-length': '1000', 'last-modified': new Date(0).toUTCString() });
      const dripping = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(dripping));
    });
    const found = await (await opened(url, 2_000)).open('a.jpg');
    await expect(readBody(found!.body, found!.size)).rejects.toMatchObject(UNREACHABLE);
  });

  test('that answers is read as ever', async () => {
    const url = await startServer((_, response) => {
      response.writeHead(200, { 'content-length': '5', 'last-modified': new Date(0).toUTCString() });
      response.end('image');
    });
    const found = await (await opened(url, 10_000)).open('a.jpg');
    expect((await readBody(found!.body, found!.size)).toString()).toBe('image');
  });
});

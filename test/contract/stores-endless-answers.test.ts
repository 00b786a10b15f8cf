import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { storeConnections } from '#stores/store-connections';
import { datasourceWith } from '../support/stores/opened-stores.ts';

/** A server that answers each request, with the status that its path names, for as long as somebody listens. */
let server: Server;
let url: string;
let sent = 0;
const CHUNK = Buffer.from('<Contents><Key>a.jpg</Key></Contents>'.repeat(2_000));
beforeAll(async () => {
  server = createServer((request, response) => {
    response.writeHead(request.url?.includes('refused') ? 403 : 200).write('<ListBucketResult>');
    const go = (): void => {
      while (!response.destroyed && response.write(CHUNK)) sent += CHUNK.length;
      response.once('drain', go);
    };
    go();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const files = () =>
  storeConnections({ privateEndpoints: 'allow' }).open(
    datasourceWith({
      ...{ type: 'OBS', purpose: 'INPUT', fullPath: 'obs://images', obsEndpoint: url },
      ...{ obsAccessKeyId: 'AKIDCONTRACTTEST', obsSecretAccessKey: 'not-a-secret' },
    }),
  );
const TOO_LONG = {
  problem: { code: 'MISCONFIGURED', scope: 'datasource' },
  message: expect.stringMatching(/answers with more than .* Correct the endpoint of the datasource\.$/),
};

describe('an endpoint whose answers have no end', () => {
  test.each([
    ['a listing', async () => (await files()).list({ prefix: '', after: undefined, limit: 10 })],
    ['a refusal', async () => (await files()).open('refused.jpg')],
    ['tags', async () => (await files()).tags('a.jpg')],
  ])(
    'is not listened to for ever: %s',
    async (_, ask) => {
      sent = 0;
      await expect(ask()).rejects.toMatchObject(TOO_LONG);
      expect(sent).toBeLessThan(100 * 1024 * 1024);
    },
    30_000,
  );

  test('sends files of any length', async () => {
    const opened = await (await files()).open('a.jpg');
    let bytes = 0;
    for await (const chunk of opened!.body) {
      bytes += (chunk as Buffer).length;
      if (bytes > 20 * 1024 * 1024) break;
    }
    expect(bytes).toBeGreaterThan(20 * 1024 * 1024);
  });
});

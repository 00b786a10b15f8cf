import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { guardedAgents } from '#stores/address-guard';
import { webServerObjects } from '#stores/web-server-objects';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** What a web server has, by a clock that goes on by a second whenever somebody looks at it. */
async function filesOf(answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const bucket = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let seconds = 0;
  return webServerObjects(
    { place: { bucket, prefix: '' }, use: 'INPUT' },
    guardedAgents('allow', 'webServerLocation'),
    () => 1_700_000_000_000 + 1_000 * seconds++,
  );
}
const page =
  (html: string): RequestListener =>
  (_, response) =>
    response.setHeader('content-type', 'text/html').end(html);
const FIRST = { prefix: '', after: undefined, limit: 10 };

describe('a web server', () => {
  test.each(['<a ', '<a href\n', '<a href= ', '<a href="'])(
    'that repeats %j in its page takes no longer than any other of that length',
    async (text) => {
      const files = await filesOf(page(text.repeat(500_000)));
      const begun = performance.now();
      expect((await files.list(FIRST)).files).toEqual([]);
      expect(performance.now() - begun).toBeLessThan(5_000);
    },
    300_000,
  );

  test('whose folders have folders without end is told so', async () => {
    const files = await filesOf(page('<a href="more/">more</a>'));
    await expect(files.list(FIRST)).rejects.toMatchObject({
      problem: { code: 'MISCONFIGURED', scope: 'datasource' },
      message: expect.stringContaining('does not come to an end'),
    });
  });

  test.each([
    { range: 'bytes 0-0/-5', size: 0 },
    { range: 'bytes 0-0/1e99', size: 0 },
    { range: 'bytes 0-0/0.5', size: 0 },
    { range: 'bytes 0-0/7', size: 7 },
  ])('that says $range is believed a number of bytes only', async ({ range, size }) => {
    const files = await filesOf((_, response) => {
      response.writeHead(206, { 'content-range': range, 'last-modified': 'Mon, 01 Jan 1900 00:00:00 GMT' });
      response.end();
    });
    expect(await files.head('a.jpg')).toMatchObject({ size, lastModified: 0 });
  });

  test('that is not there is unreachable, which its owner can put right', async () => {
    const place = { bucket: 'http://127.0.0.1:9', prefix: '' };
    const agents = guardedAgents('allow', 'webServerLocation');
    const files = webServerObjects({ place, use: 'INPUT' }, agents, Date.now);
    const unreachable = { problem: { code: 'UNREACHABLE', scope: 'datasource' } };
    await expect(files.open('a.jpg')).rejects.toMatchObject(unreachable);
    await expect(files.list(FIRST)).rejects.toMatchObject(unreachable);
  });
});

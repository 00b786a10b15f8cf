import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * A fake of the one part of S3 that no server here has: it keeps the notifications of a bucket as they were put, and gives
 * them back. It checks nothing.
 */
export async function startFakeBucketNotifications() {
  const NONE = '<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>';
  const requests: string[] = [];
  let document = NONE;
  let isDenied = false;
  let afterPut = (put: string): string => put;
  const server = createServer(async (request, response) => {
    const body = await text(request);
    requests.push(`${request.method} ${request.url}`);
    if (isDenied) {
      response.writeHead(403).end('<Error><Code>AccessDenied</Code><Message>No.</Message></Error>');
      return;
    }
    if (request.method === 'PUT') document = afterPut(body);
    response
      .writeHead(200, { 'content-type': 'application/xml' })
      .end(request.method === 'GET' ? document : '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Of each request its method and path, since the last call. */
    requests: () => requests.splice(0),
    document: () => document,
    reset: (present = NONE): void => {
      requests.length = 0;
      document = present;
      isDenied = false;
      afterPut = (put) => put;
    },
    deny: (): void => {
      isDenied = true;
    },
    /** What is there after something was put: as where somebody else puts something at the same time. */
    replaceAfterPut: (other: string): void => {
      afterPut = () => other;
    },
    stop: async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

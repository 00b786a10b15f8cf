import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * A fake of one part of S3, for what the local cloud does not play: somebody else who changes the notifications of a bucket at
 * the same time. It keeps them as they were put, gives them back, and checks nothing.
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

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { datasourceConnections } from '#aws/datasource-connections';
import { DatasourceError, RetryableError } from '#contracts/errors';
import { byKeys, datasourceAt } from '../support/foreign-datasources.ts';

/** A server that somebody has named as the endpoint of a datasource, and that answers what no S3 does. */
let server: Server;
let endpoint: string;
let answer: { readonly status: number; readonly body: string };
beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    response.writeHead(answer.status, { 'content-type': 'application/xml', location: '/elsewhere' });
    response.end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const list = async () => {
  const config = byKeys('s3://photos/in', { accessKeyId: 'AKIATEST', secretAccessKey: 'not-a-secret' });
  const named = datasourceAt('INPUT', config, { endpoint, pathStyle: true });
  const objects = await datasourceConnections({ s3: { maxAttempts: 1 } }).open(named);
  return objects.list({ prefix: '', after: undefined, limit: 1 });
};
const listing = (file: string) =>
  `<ListBucketResult><EncodingType>url</EncodingType><Contents>${file}</Contents></ListBucketResult>`;

test.each([
  ['a name that no object may have', 200, '<Tagging><__proto__><a>1</a></__proto__></Tagging>'],
  ['tags within tags', 200, '<a>'.repeat(20_000) + '</a>'.repeat(20_000)],
  ['a page for people', 200, '<html><body>Hello<br></body></html>'],
  ['JSON', 200, '{"files":[]}'],
  ['a time that is none', 200, listing('<Key>in/a</Key><LastModified>now</LastModified>')],
  ['a key that is not encoded', 200, listing('<Key>in/%zz</Key>')],
  ['the way to somewhere else', 302, ''],
])('an answer that can’t be read is told of, with the URL of the endpoint: %s', async (_, status, body) => {
  answer = { status, body };
  const refused = list();
  await expect(refused).rejects.toBeInstanceOf(DatasourceError);
  await expect(refused).rejects.toMatchObject({
    problem: { code: 'MISCONFIGURED', scope: 'datasource', action: 's3:ListBucket' },
    message: expect.stringContaining(endpoint),
  });
});

test('a proxy that tells of a failure in words of its own fails for now', async () => {
  answer = { status: 503, body: '<html>We are busy<br></html>' };
  await expect(list()).rejects.toBeInstanceOf(RetryableError);
});

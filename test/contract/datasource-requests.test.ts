import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type DatasourceServers, datasourceConnections } from '#aws/datasource-connections';
import { DatasourceError, RetryableError } from '#contracts/errors';
import type { DatasourceAccess } from '#contracts/input-settings';
import { byKeys, datasourceAt } from '../support/foreign-datasources.ts';

/** What is sent: a server on this machine that notes requests, under every name that S3 could have. */
let server: Server;
let port: number;
let requests: { method: string; host: string; path: string; query: URLSearchParams; headers: Headers }[];
/** Refuses a request as S3 would, with the code of an error; 403, unless a status and a message come with it. */
let refuses: (request: IncomingMessage) => string | undefined;

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://server');
    const headers = new Headers(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const host = String(request.headers.host).replace(/:\d+$/, '');
    requests.push({ method: request.method ?? '', host, path: pathname, query: searchParams, headers });
    request.resume().on('end', () => {
      const code = refuses(request);
      if (code === 'silence') return;
      const [name, status = '403', message = ''] = code?.split('|') ?? [];
      response.writeHead(name === undefined ? 200 : Number(status), { 'content-type': 'application/xml' });
      const error = `<Error><Code>${name}</Code><Message>${message}</Message></Error>`;
      response.end(name === undefined ? answerTo(searchParams) : request.method === 'HEAD' ? '' : error);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
const answerTo = (query: URLSearchParams): string => {
  if (query.has('list-type')) return '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>';
  return query.has('tagging') ? '<Tagging><TagSet></TagSet></Tagging>' : '';
};
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  requests = [];
  refuses = () => undefined;
});

/** Every name of a host is this machine. */
const here = (): Pick<S3ClientConfig, 'requestHandler'> => ({
  requestHandler: {
    httpAgent: new Agent({
      lookup: (_, options, found) =>
        options.all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4),
    }),
  },
});
const keys = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' };
const ACCESS_POINT = 'arn:aws:s3:eu-west-1:111122223333:accesspoint/photos';
const opening = (
  path: string,
  access: Partial<DatasourceAccess> = {},
  servers: DatasourceServers = { s3: { endpoint: `http://s3.test:${port}`, maxAttempts: 1, ...here() } },
) => datasourceConnections(servers).open(datasourceAt('LIGHTLY', byKeys(path, keys), access));
type Opened = Awaited<ReturnType<typeof opening>>;

async function askEverything(objects: Opened) {
  const plain = { contentType: 'text/plain' };
  await objects.list({ prefix: '', after: undefined, limit: 1 });
  await objects.head('a.png');
  await objects.open('a.png');
  await objects.tags('a.png');
  await objects.put('a.png', 'x', plain);
  await objects.putIfAbsent('a.png', 'x', plain);
  await objects.delete('a.png');
}

test('who pays and whose the bucket has to be is said in every request, and in every URL', async () => {
  const objects = await opening('s3://photos/in/', { requesterPays: true, bucketOwner: '111122223333' });
  await askEverything(objects);
  expect(requests).toHaveLength(7);
  const said = requests.map(({ headers }) => [
    headers.get('x-amz-request-payer'),
    headers.get('x-amz-expected-bucket-owner'),
  ]);
  expect(new Set(said.map(String))).toEqual(new Set(['requester,111122223333']));
  const urls = [
    ...[await objects.signRead('GET', 'a.png', 60), await objects.signRead('HEAD', 'a.png', 60)],
    await objects.signWrite('a.png', 60),
  ];
  for (const url of urls) {
    const { searchParams } = new URL(url);
    expect(searchParams.get('x-amz-request-payer')).toBe('requester');
    expect(searchParams.get('x-amz-expected-bucket-owner')).toBe('111122223333');
  }
});

test('nothing is said of payers and owners where nobody asked for it', async () => {
  await askEverything(await opening('s3://photos/in/'));
  const named = requests.flatMap(({ headers }) => [...headers.keys()]);
  expect(named.filter((name) => /payer|owner|acl/.test(name))).toEqual([]);
  expect(requests[0]?.headers.get('x-amz-optional-object-attributes')).toBe('RestoreStatus');
});

describe('an access point', () => {
  test('is asked at its own address, in its own region, whatever style was set', async () => {
    const objects = await opening(`s3://${ACCESS_POINT}/in/`, { pathStyle: true });
    await askEverything(objects);
    expect(new Set(requests.map(({ host }) => host))).toEqual(new Set(['photos-111122223333.s3.test']));
    const [list, head] = requests;
    expect(list?.query.get('prefix')).toBe('in/');
    expect(head?.path).toBe('/in/a.png');
    expect(list?.headers.get('authorization')).toContain('/eu-west-1/s3/');
    expect(new URL(await objects.signRead('GET', 'a.png', 60)).host).toBe(
      `photos-111122223333.s3.test:${port}`,
    );
  });

  test('is what refusals name', async () => {
    refuses = () => 'AccessDenied';
    const objects = await opening(`s3://${ACCESS_POINT}/in/`);
    const problemOf = (asked: Promise<unknown>) =>
      asked.catch((error: unknown) => error instanceof DatasourceError && error.problem.resource);
    expect(await problemOf(objects.list({ prefix: '', after: undefined, limit: 1 }))).toBe(ACCESS_POINT);
    expect(await problemOf(objects.open('a.png'))).toBe(`${ACCESS_POINT}/object/in/*`);
  });
});

describe('an endpoint that somebody has named', () => {
  const endpoint = () => `http://store.test:${port}`;

  test.each([
    [true, 'store.test', '/photos/in/a.png'],
    [false, 'photos.store.test', '/in/a.png'],
  ])('is asked with the bucket in its path: %s', async (pathStyle, host, path) => {
    const asked: string[] = [];
    const forEndpoint = (named: string) => {
      asked.push(named);
      return here();
    };
    const objects = await opening('s3://photos/in/', { endpoint: endpoint(), pathStyle }, { forEndpoint });
    await objects.open('a.png');
    expect(requests).toMatchObject([{ method: 'GET', host, path }]);
    expect(asked).toEqual([endpoint()]);
    await objects.list({ prefix: '', after: undefined, limit: 1 });
    // What only S3 itself knows is not asked of other stores.
    expect(requests[1]?.headers.has('x-amz-optional-object-attributes')).toBe(false);
  });

  test('is not asked where it is refused', async () => {
    const forEndpoint = () => {
      const problem = { code: 'MISCONFIGURED', scope: 'datasource', action: '', resource: '' } as const;
      throw new DatasourceError('It is not for you.', problem);
    };
    const refused = opening('s3://photos', { endpoint: endpoint() }, { forEndpoint });
    await expect(refused).rejects.toThrow('It is not for you.');
    expect(requests).toEqual([]);
  });

  /** A name that nobody has. */
  const nobody: Pick<S3ClientConfig, 'requestHandler'> = {
    requestHandler: {
      httpAgent: new Agent({
        lookup: (name, _, found) =>
          found(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }), []),
      }),
    },
  };
  const silent: Pick<S3ClientConfig, 'requestHandler'> = {
    requestHandler: { ...here().requestHandler, requestTimeout: 100, throwOnRequestTimeout: true },
  };

  test.each([
    ['whose name nobody has', nobody],
    ['that does not answer', silent],
  ])('%s is told, with its URL; of AWS that passes', async (_, handler) => {
    refuses = () => 'silence';
    const s3 = { maxAttempts: 2, ...handler };
    const named = await opening('s3://photos/in', { endpoint: endpoint(), pathStyle: true }, { s3 });
    await expect(named.head('a.png')).rejects.toMatchObject({
      problem: { code: 'UNREACHABLE', scope: 'datasource', resource: `${endpoint()}/photos/in/*` },
    });
    const aws = await opening('s3://photos/in', {}, { s3: { endpoint: endpoint(), ...s3 } });
    await expect(aws.head('a.png')).rejects.toBeInstanceOf(RetryableError);
  });
});

describe('what must not be there yet', () => {
  const putIfAbsent = (objects: Opened) =>
    objects.putIfAbsent('.lightly/a.txt', 'x', { contentType: 'text/plain' });

  test('is looked for first on a server that may know no such condition', async () => {
    const objects = await opening('s3://photos/in/', {
      endpoint: `http://127.0.0.1:${port}`,
      pathStyle: true,
    });
    expect(await putIfAbsent(objects)).toBe(false);
    refuses = ({ method }) => (method === 'PUT' ? undefined : 'NoSuchKey|404');
    expect(await putIfAbsent(objects)).toBe(true);
    expect(requests.map(({ method }) => method)).toEqual(['HEAD', 'HEAD', 'GET', 'PUT']);
  });

  test('is left to the condition in S3 itself', async () => {
    const objects = await opening('s3://photos/in/');
    expect(await putIfAbsent(objects)).toBe(true);
    expect(requests.map(({ method, headers }) => [method, headers.get('if-none-match')])).toEqual([
      ['PUT', '*'],
    ]);
  });
});

describe('a bucket that takes only what its owner becomes the owner of', () => {
  const ACL = 'x-amz-acl';

  test('is written to with the ACL that says so, once it has refused', async () => {
    refuses = ({ method, headers }) => (method === 'PUT' && !headers[ACL] ? 'AccessDenied' : undefined);
    const objects = await opening('s3://photos/in/');
    await objects.put('a.png', 'x', { contentType: 'text/plain' });
    await objects.put('b.png', 'x', { contentType: 'text/plain' });
    expect(requests.map(({ path, headers }) => [path, headers.get(ACL)])).toEqual([
      ['/in/a.png', null],
      ['/in/a.png', 'bucket-owner-full-control'],
      ['/in/b.png', 'bucket-owner-full-control'],
    ]);
  });

  test('that refuses that too has refused the first', async () => {
    refuses = ({ method }) => (method === 'PUT' ? 'AccessDenied' : undefined);
    const objects = await opening('s3://photos/in/');
    const put = objects.put('a.png', 'x', { contentType: 'text/plain' });
    await expect(put).rejects.toMatchObject({ problem: { code: 'DENIED', action: 's3:PutObject' } });
  });
});

describe('what no permission would put right', () => {
  test('of a request is a problem of the datasource, so that nothing is tried until it is given up', async () => {
    refuses = () => 'SomethingNew|400|no words of this are repeated';
    const objects = await opening('s3://photos/in/');
    const expected = { problem: { code: 'MISCONFIGURED', scope: 'object', action: 's3:GetObject' } };
    for (const ask of [() => objects.open('a.png'), () => objects.head('a.png')]) {
      await expect(ask()).rejects.toMatchObject(expected);
      await expect(ask()).rejects.not.toThrow('no words');
    }
    const listing = objects.list({ prefix: '', after: undefined, limit: 1 });
    await expect(listing).rejects.toMatchObject({ problem: { code: 'MISCONFIGURED', scope: 'datasource' } });
  });

  test('of an object that only its writer has the key of rejects that one', async () => {
    refuses = () => 'InvalidRequest|400|The object was stored using a form of Server Side Encryption.';
    const objects = await opening('s3://photos/in/');
    for (const ask of [() => objects.open('a.png'), () => objects.head('a.png')]) {
      await expect(ask()).rejects.toMatchObject({ name: 'RejectedError', code: 'UNSUPPORTED_FORMAT' });
    }
  });

  test('of the id of a version that another bucket had means that it is gone', async () => {
    refuses = () => 'InvalidArgument|400|Invalid version id specified';
    const objects = await opening('s3://photos/in/');
    expect(await objects.open('a.png', { versionId: 'of-another' })).toBeUndefined();
    expect(await objects.head('a.png', { versionId: 'of-another' })).toBeUndefined();
    await expect(objects.open('a.png')).rejects.toMatchObject({ problem: { code: 'MISCONFIGURED' } });
  });
});

import { createHash } from 'node:crypto';
import { buildApp } from 'fauxqs';
import { AccessError } from './access-error.ts';
import { SnsStore, type SqsStore } from './fauxqs-parts.ts';
import type { Gate } from './gate.ts';
import { escapeXml, renderListing } from './object-listing.ts';
import type { ObjectStore } from './object-store.ts';
import type { Principal } from './principals.ts';
import {
  describeS3Request,
  keysToDelete,
  listAccess,
  objectAccess,
  type S3Operation,
} from './s3-operations.ts';
import { sqsAccess } from './sqs-operations.ts';

type App = ReturnType<typeof buildApp>;
type Request = Parameters<Parameters<App['addHook']>[1]>[0] & {
  readonly method: string;
  readonly originalUrl: string;
  readonly headers: Record<string, string | undefined>;
  body: unknown;
};
type Reply = {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body?: unknown): Reply;
};

/** S3 takes 5 GB in one request; bodies are held in memory here, so the limit is what a Buffer holds well. */
const LARGEST_BODY = 2 * 1024 ** 3 - 1;

export interface StorageServerParts {
  readonly objects: ObjectStore;
  readonly queues: SqsStore;
  readonly gate: Gate;
}

/**
 * S3 and SQS over HTTP on 127.0.0.1: fauxqs, with signatures, permissions, conditional writes and listing in byte
 * order put before its handlers, and with a refusal of everything that it would misunderstand.
 */
export async function startStorageServer(
  { objects, queues, gate }: StorageServerParts,
  port: number,
): Promise<{ port: number; close: () => Promise<void> }> {
  const app = buildApp({
    logger: false,
    stores: { s3Store: objects, sqsStore: queues, snsStore: new SnsStore() },
  });
  readBodies(app);
  const admitted = new WeakMap<object, { principal: Principal; operation: S3Operation }>();
  // fauxqs types its app loosely; hooks get requests and replies of fastify.
  const hooks = app as unknown as {
    addHook(
      name: string,
      hook: (request: Request, reply: Reply, done: (error?: Error) => void) => unknown,
    ): void;
    setErrorHandler(handler: (error: Error, request: Request, reply: Reply) => unknown): void;
  };
  hooks.addHook('onRequest', (request, _reply, done) => {
    if (isQueueRequest(request)) return done();
    admitted.set(request, admitToS3(request, objects, gate));
    done();
  });
  hooks.addHook('preHandler', (request, reply, done) => {
    const s3 = admitted.get(request);
    if (!s3) admitToSqs(request, gate);
    else if (answerS3(request, reply, s3.operation, s3.principal, objects, gate)) return;
    done();
  });
  hooks.setErrorHandler((error, request, reply) => sendError(error, request, reply));
  await app.listen({ port, host: '127.0.0.1' });
  const address = app.server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: () => app.close(),
  };
}

const isQueueRequest = ({ method, originalUrl }: Request): boolean =>
  method === 'POST' && originalUrl === '/';

/** Replaces the parsers of fauxqs: its limit is 11 MiB, and signatures of queue requests cover the body. */
function readBodies(app: App): void {
  app.removeContentTypeParser(['application/x-amz-json-1.0', '*']);
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: LARGEST_BODY }, (_request, body, done) =>
    done(null, body),
  );
}

function admitToS3(
  { method, originalUrl, headers }: Request,
  objects: ObjectStore,
  gate: Gate,
): { principal: Principal; operation: S3Operation } {
  const bodyDigest = () => 'UNSIGNED-PAYLOAD';
  const principal = gate.authenticate({ method, url: originalUrl, headers, bodyDigest });
  const operation = describeS3Request(method, originalUrl, headers);
  const { name, bucket, key, query } = operation;
  if (name === undefined) {
    throw new AccessError('NotImplemented', 'The local cloud has no such S3 operation', 501);
  }
  const version = query.get('versionId');
  if (version !== null && version !== 'null') {
    throw new AccessError('NoSuchVersion', 'Objects of the local cloud have no versions', 404);
  }
  gate.authorize(principal, operation.accesses);
  // Without the right to list, S3 does not tell that an object does not exist.
  if ((name === 'GetObject' || name === 'HeadObject') && !objects.has(bucket, key)) {
    gate.authorize(principal, [listAccess(bucket, key)]);
  }
  return { principal, operation };
}

/** True where the answer is given here; otherwise a handler of fauxqs follows synchronously. */
function answerS3(
  request: Request,
  reply: Reply,
  { name = '', bucket, key, query }: S3Operation,
  principal: Principal,
  objects: ObjectStore,
  gate: Gate,
): boolean {
  if (name === 'DeleteObjects') {
    const keys = keysToDelete(String(request.body));
    gate.authorize(
      principal,
      keys.map((each) => objectAccess('s3:DeleteObject', bucket, each)),
    );
  }
  gate.observe(principal, { service: 's3', operation: name, bucket, key });
  checkPreconditions(request, name, bucket, key, objects);
  objects.creation = name === 'CopyObject' ? 'ObjectCreated:Copy' : 'ObjectCreated:Put';
  if (!name.startsWith('ListObjects') || !objects.hasBucket(bucket)) return false;
  const body = renderListing({ bucket, query }, objects.sortedKeys(bucket), (each) =>
    objects.headObject(bucket, each),
  );
  reply.status(200).header('content-type', 'application/xml').send(body);
  return true;
}

/** What holds here still holds in the handler: nothing happens in between. */
function checkPreconditions(
  { headers }: Request,
  name: string,
  bucket: string,
  key: string,
  objects: ObjectStore,
): void {
  const eTag = objects.has(bucket, key) ? objects.headObject(bucket, key).etag : undefined;
  const ifMatch = headers['if-match'];
  if (name === 'GetObject' || name === 'HeadObject') {
    // The handler of fauxqs compares with quotes only, and that of HEAD not at all.
    if (ifMatch && eTag !== undefined && !sameETag(ifMatch, eTag)) throw preconditionFailed();
    delete headers['if-match'];
    return;
  }
  if (!/^(PutObject|CopyObject|CompleteMultipartUpload)$/.test(name)) return;
  if (headers['if-none-match'] === '*' && eTag !== undefined) throw preconditionFailed();
  if (ifMatch && eTag === undefined) throw new AccessError('NoSuchKey', 'The key does not exist', 404);
  if (ifMatch && eTag !== undefined && !sameETag(ifMatch, eTag)) throw preconditionFailed();
}

const preconditionFailed = () =>
  new AccessError('PreconditionFailed', 'At least one of the preconditions you specified did not hold', 412);
const sameETag = (wanted: string, actual: string): boolean =>
  wanted === '*' || wanted.replaceAll('"', '') === actual.replaceAll('"', '');

/** Checks a queue request and hands its parsed body to the handler. */
function admitToSqs(request: Request, gate: Gate): void {
  const { method, originalUrl, headers } = request;
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const bodyDigest = () => createHash('sha256').update(body).digest('hex');
  const principal = gate.authenticate({ method, url: originalUrl, headers, bodyDigest });
  if (!(headers['content-type'] ?? '').includes('application/x-amz-json-1.0')) {
    throw new AccessError('NotImplemented', 'The local cloud knows the JSON protocol of SQS only', 501);
  }
  const operation = (headers['x-amz-target'] ?? '').replace('AmazonSQS.', '');
  const parsed: unknown = JSON.parse(body.toString());
  gate.authorize(principal, [sqsAccess(operation, parsed)]);
  gate.observe(principal, { service: 'sqs', operation });
  request.body = parsed;
}

function sendError(error: Error, request: Request, reply: Reply): unknown {
  const { code, status } =
    error instanceof AccessError
      ? error
      : { code: 'InternalError', status: Reflect.get(error, 'statusCode') ?? 500 };
  if (request.method === 'HEAD') return reply.status(status).send();
  if (isQueueRequest(request)) {
    reply.status(status).header('content-type', 'application/x-amz-json-1.0');
    return reply.send(JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message: error.message }));
  }
  const xml = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${escapeXml(error.message)}</Message></Error>`;
  return reply.status(status).header('content-type', 'application/xml').send(xml);
}

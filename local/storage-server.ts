import { createHash } from 'node:crypto';
import { buildApp } from 'fauxqs';
import { AccessError } from './access-error.ts';
import type { BucketNotifications } from './bucket-notifications.ts';
import { authorizeInBucket } from './bucket-rules.ts';
import { SnsStore, type SqsStore } from './fauxqs-parts.ts';
import type { Gate } from './gate.ts';
import type { ListingLag } from './listing-lag.ts';
import { escapeXml, type ListedObject } from './object-listing.ts';
import type { ObjectStore } from './object-store.ts';
import { type AdmittedRequest, admitToS3, objectRead, type S3Parts } from './s3-admission.ts';
import { answerWithoutHandler, missingHeaders } from './s3-answers.ts';
import { keysToDelete, objectAccess } from './s3-operations.ts';
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

export interface StorageServerParts extends S3Parts {
  readonly queues: SqsStore;
  readonly lag: ListingLag;
  readonly notifications: BucketNotifications;
}

/**
 * S3 and SQS over HTTP on 127.0.0.1: fauxqs, with signatures, permissions, conditional writes and listing in byte
 * order put before its handlers, and with a refusal of everything that it would misunderstand.
 */
export async function startStorageServer(
  parts: StorageServerParts,
  port: number,
): Promise<{ port: number; close: () => Promise<void> }> {
  const { objects, queues, gate } = parts;
  const app = buildApp({
    logger: false,
    stores: { s3Store: objects, sqsStore: queues, snsStore: new SnsStore() },
  });
  readBodies(app);
  const admitted = new WeakMap<object, AdmittedRequest>();
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
    const { method, originalUrl: url, headers } = request;
    admitted.set(request, admitToS3({ method, url, headers }, parts));
    done();
  });
  hooks.addHook('preHandler', (request, reply, done) => {
    const s3 = admitted.get(request);
    if (!s3) admitToSqs(request, gate);
    else if (answerS3(request, reply, s3, parts)) return;
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

/** True where the answer is given here; otherwise a handler of fauxqs follows synchronously. */
function answerS3(
  request: Request,
  reply: Reply,
  admitted: AdmittedRequest,
  parts: StorageServerParts,
): boolean {
  const { principal, operation, bucket, attributes } = admitted;
  const { name, key, query } = operation;
  const { objects, gate } = parts;
  if (name === 'DeleteObjects') authorizeDeletions(String(request.body), admitted, gate);
  gate.observe(principal, { service: 's3', operation: name, bucket: bucket.name, key });
  const found = objectRead(admitted, request.headers, parts, (header, value) => reply.header(header, value));
  checkPreconditions(request, name, bucket.name, key, objects, found);
  objects.request = {
    creation: name === 'CopyObject' ? 'ObjectCreated:Copy' : 'ObjectCreated:Put',
    attributes,
    versionId: query.get('versionId') ?? undefined,
  };
  const { body } = request;
  const text = Buffer.isBuffer(body) ? body.toString() : '';
  const optionalAttributes = request.headers['x-amz-optional-object-attributes'];
  const skipsDestinationValidation = request.headers['x-amz-skip-destination-validation'] === 'true';
  const asked = { body: text, optionalAttributes, skipsDestinationValidation };
  const answer = answerWithoutHandler(admitted, found, asked, parts);
  const headers = answer ? (answer.headers ?? {}) : missingHeaders(admitted, found);
  for (const [header, value] of Object.entries(headers)) reply.header(header, value);
  if (answer) reply.status(answer.status).send(answer.body ?? '');
  return answer !== undefined;
}

/** @throws AccessError */
function authorizeDeletions(body: string, { principal, bucket }: AdmittedRequest, gate: Gate): void {
  if (body.includes('<VersionId>')) {
    throw new AccessError('NotImplemented', 'The local cloud deletes versions one by one', 501);
  }
  const accesses = keysToDelete(body).map((key) => objectAccess('s3:DeleteObject', bucket.name, key));
  authorizeInBucket({ principal, bucket }, accesses, gate);
}

/** What holds here still holds in the handler: nothing happens in between. */
function checkPreconditions(
  { headers }: Request,
  name: string,
  bucket: string,
  key: string,
  objects: ObjectStore,
  found: ListedObject | undefined,
): void {
  const current = objects.describe(bucket, key);
  const eTag = found?.etag ?? (current === 'marker' ? undefined : current?.etag);
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

import { pipeline, Readable, Transform } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { DatasourceError } from '#contracts/errors';

/** A page of a thousand names of 1,024 bytes, each of them escaped, is 3 MB. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * Has the client read no more of an answer than one can have, but for the content of files: it keeps each as a whole, and a
 * server that somebody has named may send one without end.
 *
 * @param endpoint of the server
 */
export function limitAnswers(client: S3Client, endpoint: string): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (request) => {
        const result = await next(request);
        const response = result.response as { statusCode?: number; body?: unknown };
        const isContent = commandName === 'GetObjectCommand' && (response.statusCode ?? 0) < 300;
        if (!isContent && response.body instanceof Readable) {
          response.body = bounded(response.body, endpoint);
        }
        return result;
      },
    // Before anything of the answer is read.
    { step: 'deserialize', priority: 'low', name: 'limitAnswers' },
  );
}

function bounded(body: Readable, endpoint: string): Readable {
  let bytes = 0;
  const limit = new Transform({
    transform(chunk: Uint8Array, _, done) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) done(tooLong(endpoint));
      else done(null, chunk);
    },
  });
  // Whoever reads is told what went wrong.
  return pipeline(body, limit, () => undefined);
}

const tooLong = (endpoint: string): Error =>
  Object.assign(
    new DatasourceError(
      `${endpoint} answers with more than a store that speaks S3 would. Correct the endpoint of the datasource.`,
      { code: 'MISCONFIGURED', scope: 'datasource', action: 'connect', resource: endpoint },
    ),
    // The client adds its own words to errors that have none.
    { $metadata: {} },
  );

import { Writable } from 'node:stream';
import type { Context } from 'aws-lambda';

/** What a caller of a streaming Function URL receives. */
export interface StreamedAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type StreamHandler = (event: unknown, stream: Writable, context: Context) => Promise<void>;

/** What Lambda's runtime has in its global scope for handlers that stream; a handler is made with it in place. */
const heads = new WeakMap<Writable, object>();
const runtime = {
  streamifyResponse: (handler: StreamHandler) => handler,
  HttpResponseStream: {
    from: (stream: Writable, head: object) => {
      heads.set(stream, head);
      return stream;
    },
  },
};

/** Makes a streaming handler, as Lambda does at init, and sends it one event. */
export async function streamedAnswer(
  makeHandler: () => unknown,
  event: unknown,
  context: Context,
): Promise<StreamedAnswer> {
  Object.assign(globalThis, { awslambda: runtime });
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
  await (makeHandler() as StreamHandler)(event, stream, context);
  const { statusCode, headers } = heads.get(stream) as StreamedAnswer;
  return { statusCode, headers, body: Buffer.concat(chunks).toString() };
}

/**
 * One execution environment of a function. Arguments: the folder of the bundle, and the handler as `index.handler`.
 * Loads the handler and invokes it, once at a time, for the host that forked this process.
 */
import { existsSync, readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import type { FunctionError, InvokeMessage, ProcessMessage } from './function-messages.ts';

type Handler = (event: unknown, context: unknown) => unknown;
type StreamHandler = (event: unknown, responseStream: Writable, context: unknown) => Promise<void>;
interface Streaming {
  readonly [STREAMING]?: StreamHandler;
}

const STREAMING = Symbol.for('winnow.local.streaming-handler');
const BYTES_PER_KIBIBYTE = 1024;
const OWN_STATUS = '/proc/self/status';
/** Between the metadata of a streamed answer and its body: the separator of Lambda's own protocol. */
const STREAM_PRELUDE_END = Buffer.alloc(8);

/** @param taken called when the message is on its way */
const tell = (message: ProcessMessage, taken?: () => void): void => {
  process.send?.(message, undefined, undefined, () => taken?.());
};

defineLambdaGlobals();
process.on('disconnect', () => process.exit(1));
const loading = loadHandler();
loading.then(
  () => {
    tell({ type: 'ready' });
    // Not at the end: a process may be killed.
    flushCompileCache();
  },
  (error: unknown) => tell({ type: 'failed', error: describeError(error) }),
);
process.on('message', (message: InvokeMessage) => {
  invoke(message).catch((error: unknown) => finish({ error: describeError(error) }));
});

async function invoke(message: InvokeMessage): Promise<void> {
  const handler = await loading;
  const event: unknown = JSON.parse(message.event);
  const context = contextOf(message);
  const streamHandler = (handler as Streaming)[STREAMING];
  if (!streamHandler) {
    const result: unknown = await handler(event, context);
    return finish({ payload: JSON.stringify(result ?? null) });
  }
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (message.streams) return tell({ type: 'chunk', chunk }, done);
      chunks.push(chunk);
      done();
    },
  });
  await streamHandler(event, stream, context);
  if (!stream.writableFinished) {
    await new Promise<void>((resolve, reject) => stream.once('error', reject).end(resolve));
  }
  finish(message.streams ? {} : { payload: JSON.stringify(Buffer.concat(chunks).toString()) });
}

function finish(outcome: { readonly payload?: string; readonly error?: FunctionError }): void {
  tell({ type: 'done', ...outcome, peakBytes: peakResidentBytes() });
}

/** On Linux, what `getrusage` reports begins with the memory of the process that forked this one; this does not. */
function peakResidentBytes(): number {
  const status = existsSync(OWN_STATUS) ? readFileSync(OWN_STATUS, 'utf8') : '';
  const kibibytes = /^VmHWM:\s*(\d+) kB/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS;
  return Number(kibibytes) * BYTES_PER_KIBIBYTE;
}

async function loadHandler(): Promise<Handler> {
  const [taskRoot = '', handlerName = ''] = process.argv.slice(2);
  const dot = handlerName.lastIndexOf('.');
  const file = ['.js', '.mjs', '.cjs']
    .map((extension) => join(taskRoot, handlerName.slice(0, dot) + extension))
    .find((path) => existsSync(path));
  if (!file) throw new Error(`Expected a bundle for handler ${handlerName} in ${taskRoot}`);
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown> & { default?: object };
  const name = handlerName.slice(dot + 1);
  const handler = module[name] ?? (module.default as Record<string, unknown> | undefined)?.[name];
  if (typeof handler !== 'function') throw new Error(`${file} exports no function ${name}`);
  return handler as Handler;
}

function contextOf({ requestId, functionArn, deadline }: InvokeMessage): unknown {
  const { AWS_LAMBDA_FUNCTION_NAME, AWS_LAMBDA_FUNCTION_MEMORY_SIZE } = process.env;
  return {
    awsRequestId: requestId,
    functionName: AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn,
    memoryLimitInMB: AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

/** `awslambda`, which Lambda's runtime puts into the global scope for handlers that stream. */
function defineLambdaGlobals(): void {
  const streamifyResponse = (handler: StreamHandler) =>
    Object.assign(() => undefined, { [STREAMING]: handler });
  const from = (stream: Writable, metadata: object): Writable => {
    stream.write(Buffer.concat([Buffer.from(JSON.stringify(metadata)), STREAM_PRELUDE_END]));
    return stream;
  };
  Object.assign(globalThis, { awslambda: { streamifyResponse, HttpResponseStream: { from } } });
}

function describeError(error: unknown): FunctionError {
  if (!(error instanceof Error)) return { errorType: 'Error', errorMessage: String(error) };
  return { errorType: error.name, errorMessage: error.message, ...(error.stack && { trace: error.stack }) };
}

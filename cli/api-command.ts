import type { Command } from 'commander';
import { ApiWorkflowClient, type RetryPolicy } from '../client/index.ts';
import { type Connection, type ConnectionOptions, readConnection } from './connection.ts';
import { type DatasetClient, openDataset } from './dataset-client.ts';
import { listenForInterruption } from './interruption.ts';
import { type Output, outputTo } from './output.ts';
import { tracedFetch } from './traced-fetch.ts';

/** Options of every command that uses the API. */
interface ApiOptions extends ConnectionOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
  /** Another name of `apiUrl`, where a command has it. */
  readonly server?: string;
}

/** What a command that uses the API works with. */
export interface Api {
  readonly connection: Connection;
  readonly client: ApiWorkflowClient;
  readonly fetch: typeof fetch;
  readonly output: Output;
  /** Aborted by Ctrl-C; all calls of the clients end with it. */
  readonly signal: AbortSignal;
  /** A client that has this dataset in use. @throws WinnowError with code NOT_FOUND */
  readonly dataset: (nameOrId: string) => Promise<DatasetClient>;
}

/** Somebody waits for the answer; a transfer of files has all the client's patience. */
const IMPATIENT: Partial<RetryPolicy> = { maxRetries: 2, firstDelay: 500 };

/** A command with the options by which it finds the API. @param usage name and arguments, as commander has them */
export function apiCommand(parent: Command, usage: string, description: string): Command {
  return parent
    .command(usage)
    .description(description)
    .option('--json', 'print JSON')
    .option('--verbose', 'tell of each request on standard error')
    .option('--api-url <url>', 'URL of the API (default: $WINNOW_API_URL or $LIGHTLY_SERVER_LOCATION)')
    .option(
      '--token-file <file>',
      'file that holds the token, - for standard input (default: $WINNOW_TOKEN or $LIGHTLY_TOKEN)',
    )
    .option('--connection <file>', 'both, from the ready file of a local cloud');
}

/** The action of such a command: `work` is given the API, then what commander gives. */
export function withApi<Args extends readonly unknown[]>(
  work: (api: Api, ...args: Args) => Promise<void>,
): (...args: [...Args, Command]) => Promise<void> {
  return async (...args) => {
    const command = args.at(-1) as Command;
    await work(await connect(command.opts<ApiOptions>()), ...(args.slice(0, -1) as unknown as Args));
  };
}

async function connect(options: ApiOptions): Promise<Api> {
  const { server, ...given } = options;
  const apiUrl = options.apiUrl ?? server;
  const connection = await readConnection({ ...given, ...(apiUrl !== undefined && { apiUrl }) }, process.env);
  const output = outputTo(options);
  const signal = listenForInterruption();
  const tracing = options.verbose ? tracedFetch(output.note) : fetch;
  const clientOf = (datasetId?: string, retry: Partial<RetryPolicy> = {}) =>
    new ApiWorkflowClient({
      token: connection.token,
      serverLocation: connection.apiUrl,
      ...(datasetId !== undefined && { datasetId }),
      fetch: tracing,
      signal,
      retry,
      onWarning: output.note,
    });
  const client = clientOf(undefined, IMPATIENT);
  return {
    connection,
    client,
    fetch: tracing,
    output,
    signal,
    dataset: (nameOrId) => openDataset(nameOrId, { client, clientOf, impatience: IMPATIENT }),
  };
}

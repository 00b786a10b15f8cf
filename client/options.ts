import { InvalidConfigurationError } from './errors.ts';
import type { Creator } from './protocol.ts';
import { RETRY_POLICY, type RetryPolicy, type Sleep, sleep } from './retry.ts';

/** How an `ApiWorkflowClient` is made. */
export interface ClientOptions {
  /** Sent as `Authorization: Bearer`. @default LIGHTLY_TOKEN, then WINNOW_TOKEN of the environment */
  readonly token?: string;
  /** URL of the API. @default LIGHTLY_SERVER_LOCATION, then WINNOW_API_URL of the environment */
  readonly serverLocation?: string;
  /** Dataset of all calls that name none. @default the one that was changed last */
  readonly datasetId?: string;
  /** Embedding of all calls that name none. @default the newest */
  readonly embeddingId?: string;
  /** What the server keeps as the creator of things. @default 'USER_PIP' */
  readonly creator?: Creator;
  /** @default the global `fetch` */
  readonly fetch?: typeof fetch;
  /** Ends every call of this client. */
  readonly signal?: AbortSignal;
  /** Time in milliseconds that the server has for one answer. @default 180000 */
  readonly requestTimeout?: number;
  /** Where it differs from the default. */
  readonly retry?: Partial<RetryPolicy>;
  /** How the client waits between attempts and polls. */
  readonly sleep?: Sleep;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
  /** Told of what is odd, but no error. @default process.emitWarning */
  readonly onWarning?: (message: string) => void;
  /**
   * Key that S3 encrypts uploaded files with: `true` for S3's own, or the id of a KMS key.
   * @default LIGHTLY_S3_SSE_KMS_KEY of the environment
   */
  readonly s3SseKmsKey?: string;
}

type Optional = 'datasetId' | 'embeddingId' | 'signal' | 's3SseKmsKey' | 'retry';

/** Options with all defaults filled in. */
export type ClientSettings = Required<Omit<ClientOptions, Optional>> & {
  readonly [Key in Exclude<Optional, 'retry'>]: ClientOptions[Key] | undefined;
} & { readonly retry: RetryPolicy };

type Environment = Readonly<Record<string, string | undefined>>;

const REQUEST_TIMEOUT = 180_000;

/**
 * Options, completed from the environment.
 * @throws InvalidConfigurationError where token or server are missing, or the server is no http(s) URL
 */
export function settingsOf(options: ClientOptions, environment: Environment): ClientSettings {
  const token = options.token ?? (environment.LIGHTLY_TOKEN || environment.WINNOW_TOKEN);
  if (!token) {
    throw new InvalidConfigurationError(
      "There is no token: pass the option 'token', or set the environment variable LIGHTLY_TOKEN or WINNOW_TOKEN.",
    );
  }
  return {
    token,
    serverLocation: serverLocationOf(options, environment),
    datasetId: options.datasetId,
    embeddingId: options.embeddingId,
    creator: options.creator ?? 'USER_PIP',
    fetch: options.fetch ?? fetch,
    signal: options.signal,
    requestTimeout: options.requestTimeout ?? REQUEST_TIMEOUT,
    retry: { ...RETRY_POLICY, ...options.retry },
    sleep: options.sleep ?? sleep,
    now: options.now ?? Date.now,
    onWarning: options.onWarning ?? ((message) => process.emitWarning(message)),
    s3SseKmsKey: (options.s3SseKmsKey ?? environment.LIGHTLY_S3_SSE_KMS_KEY)?.trim() || undefined,
  };
}

function serverLocationOf({ serverLocation }: ClientOptions, environment: Environment): string {
  const given = serverLocation ?? (environment.LIGHTLY_SERVER_LOCATION || environment.WINNOW_API_URL);
  if (!given) {
    throw new InvalidConfigurationError(
      "There is no server: pass the option 'serverLocation', or set the environment variable LIGHTLY_SERVER_LOCATION or WINNOW_API_URL to the URL of the API.",
    );
  }
  const location = given.trim().replace(/\/+$/, '');
  if (!/^https?:\/\//.test(location) || !URL.canParse(location)) {
    throw new InvalidConfigurationError(
      `The server location '${location}' is not a URL that begins with https:// or http://.`,
    );
  }
  return location;
}

import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { z } from 'zod';
import { InvalidInputError } from '#contracts/errors';
import { parseJsonWith } from '#contracts/schema';

/** Where the API is and who asks. */
export interface Connection {
  /** Without a slash at its end. */
  readonly apiUrl: string;
  readonly token: string;
}

/** As they were given on the command line. */
export interface ConnectionOptions {
  readonly apiUrl?: string;
  readonly tokenFile?: string;
  /** Of the few commands that take the token itself. */
  readonly token?: string;
  readonly connection?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What the CLI needs of the file that a local cloud writes when it is ready. */
const connectionFile = z.object({ apiUrl: z.string(), token: z.string() });

/**
 * Options come before the file of a connection, and that before the environment.
 * @throws InvalidInputError that says how to give what is missing or wrong
 */
export async function readConnection(
  { apiUrl, tokenFile, token: given, connection }: ConnectionOptions,
  environment: Environment,
): Promise<Connection> {
  const file = connection === undefined ? undefined : await readConnectionFile(connection);
  const url = apiUrl ?? file?.apiUrl ?? (environment.LIGHTLY_SERVER_LOCATION || environment.WINNOW_API_URL);
  const token = tokenFile === undefined ? (given ?? file?.token) : await readTokenFile(tokenFile);
  return {
    apiUrl: checkedUrl(url),
    token: checkedToken(token ?? (environment.LIGHTLY_TOKEN || environment.WINNOW_TOKEN)),
  };
}

/** Text of a file, or of standard input where it is called `-`. @throws InvalidInputError */
export async function readGivenFile(file: string, what: string): Promise<string> {
  // Standard input may be a socket, which can't be opened by its name in /dev.
  return (file === '-' ? textOf(process.stdin) : readFile(file, 'utf8')).catch((cause) => {
    throw new InvalidInputError(`${what} '${file}' can't be read.`, { cause });
  });
}

/** What is in such a file. It may hold secrets, so the error shows nothing of it. @throws InvalidInputError */
export async function readGivenJson(file: string, what: string): Promise<unknown> {
  const text = await readGivenFile(file, what);
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidInputError(`${what} '${file}' is not JSON.`);
  }
}

const readConnectionFile = async (file: string) =>
  parseJsonWith(
    connectionFile,
    await readGivenFile(file, 'The connection file'),
    `The connection file '${file}'`,
  );

const readTokenFile = async (file: string): Promise<string> =>
  (await readGivenFile(file, 'The token file')).trim();

function checkedUrl(given: string | undefined): string {
  if (!given) {
    throw new InvalidInputError(
      'Where is the API? Set WINNOW_API_URL (or LIGHTLY_SERVER_LOCATION), or give --api-url or --connection.',
    );
  }
  const url = given.trim().replace(/\/+$/, '');
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return url;
  throw new InvalidInputError(`The URL of the API begins with https:// or http://, unlike '${url}'.`);
}

function checkedToken(given: string | undefined): string {
  if (!given) {
    throw new InvalidInputError(
      'Who asks? Set WINNOW_TOKEN (or LIGHTLY_TOKEN), or give --token-file or --connection.',
    );
  }
  // What can't be in a header would be part of the error that says so.
  const token = given.trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new InvalidInputError(
    'The token is not one: it is a single word of letters, digits and punctuation.',
  );
}

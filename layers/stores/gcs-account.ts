import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import type { DatasourceConfigOf } from '#contracts/datasources';
import { DatasourceError } from '#contracts/errors';
import { failureOfNetwork, failureOfStatus, type StoreFailure, statusInError } from './store-errors.ts';

const isRsaKey = (text: string): boolean => {
  try {
    return createPrivateKey(text).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
};

/** Other kinds of credentials name addresses and programs to get a token from, which are not the tenant's to choose. */
const serviceAccount = z.looseObject({
  type: z.literal('service_account'),
  client_email: z.email(),
  private_key: z.string().refine(isRsaKey),
});

/** @throws DatasourceError CREDENTIALS_INVALID */
export function serviceAccountOf({ gcsCredentials }: DatasourceConfigOf<'GCS'>) {
  const parsed = serviceAccount.safeParse(jsonOf(gcsCredentials));
  if (!parsed.success) {
    throw new DatasourceError(
      'gcsCredentials of the datasource is not the key of a service account. Expected the JSON file that Google gives ' +
        "for one, with type 'service_account', client_email and private_key.",
      { code: 'CREDENTIALS_INVALID', scope: 'datasource', action: 'sign', resource: 'gcsCredentials' },
    );
  }
  const { client_email, private_key } = parsed.data;
  return { client_email, private_key };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface GcsError {
  readonly message?: string;
  readonly errors?: readonly { readonly reason?: string }[];
}

/** Too fast, which Google may say with 403. */
const TOO_FAST = new Set(['rateLimitExceeded', 'userRateLimitExceeded', 'quotaExceeded']);

/** What an error of Google's client says. */
export function gcsFailure(error: unknown): StoreFailure | undefined {
  const { message = '', errors = [] } = (error ?? {}) as GcsError;
  const status = statusInError(error);
  if (errors.some(({ reason = '' }) => TOO_FAST.has(reason))) return 'passes';
  // Of the server that gives tokens for keys.
  if (message.includes('invalid_grant') || message.includes('invalid_client')) return 'credentials';
  if (status === 404 && message.toLowerCase().includes('bucket does not exist')) return 'no container';
  const failure = failureOfStatus(status) ?? failureOfNetwork(error);
  // Its host is not the tenant's to name: where it is not found, the network is at fault.
  return failure === 'unknown host' ? 'passes' : failure;
}

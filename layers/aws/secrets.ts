import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { WinnowError } from '#contracts/errors';
import type { ReadSecret } from '#platform/access/authenticate';
import { askService } from './service-errors.ts';

/** A secret that was changed is noticed after this time, without a request to AWS for each of ours. */
const KEPT_MS = 5 * 60_000;

/** However many unknown tokens come, the secret is read for their sake once in this time. */
const FRESH_MS = 10_000;

/**
 * Reads one secret, and reads it again when what was read is five minutes old; where somebody asks for a fresh one,
 * ten seconds.
 */
export function secretReader(
  secretArn: string,
  now: () => number = Date.now,
  client: SecretsManagerClient = new SecretsManagerClient({}),
): ReadSecret {
  let kept: { readonly value: Promise<string>; readonly readAt: number } | undefined;
  return ({ fresh = false } = {}) => {
    if (kept && now() - kept.readAt < (fresh ? FRESH_MS : KEPT_MS)) return kept.value;
    const value = readSecret(client, secretArn);
    kept = { value, readAt: now() };
    value.catch(() => {
      kept = undefined;
    });
    return value;
  };
}

async function readSecret(client: SecretsManagerClient, SecretId: string): Promise<string> {
  const request = new GetSecretValueCommand({ SecretId });
  const { SecretString } = await askService({ operation: 'GetSecretValue', resource: SecretId }, () =>
    client.send(request),
  );
  if (!SecretString) throw new WinnowError('NO_SECRET', `The secret '${SecretId}' is empty.`);
  return SecretString;
}

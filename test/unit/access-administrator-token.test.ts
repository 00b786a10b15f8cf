import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from '@jest/globals';
import { secretReader } from '#aws/secrets';
import { UnauthorizedError } from '#contracts/errors';
import { authenticate } from '#platform/access/authenticate';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A deployment whose token can be changed, and the requests that read it. */
function deployment() {
  const state = { now: 1_000_000, token: 'first', reads: 0 };
  const send = async (command: unknown) => {
    expect(command).toBeInstanceOf(GetSecretValueCommand);
    state.reads += 1;
    return { SecretString: state.token };
  };
  const client = { send } as unknown as SecretsManagerClient;
  const deps = {
    administratorToken: secretReader('arn', () => state.now, client),
    tokens: { find: async () => undefined },
    users: { get: async () => undefined },
    now: () => state.now,
  };
  return { state, authenticate: (token: string) => authenticate(token, deps) };
}

describe('the token of the deployment', () => {
  test('is read once in five minutes, however many requests come', async () => {
    const { state, authenticate } = deployment();
    await authenticate('first');
    state.now += 5 * MINUTE - 1;
    await authenticate('first');
    expect(state.reads).toBe(1);
    state.now += 1;
    await authenticate('first');
    expect(state.reads).toBe(2);
  });

  test('works as soon as it is changed', async () => {
    const { state, authenticate } = deployment();
    await authenticate('first');
    state.token = 'second';
    state.now += 10 * SECOND;
    expect(await authenticate('second')).toMatchObject({ role: 'OWNER' });
    await expect(authenticate('first')).rejects.toThrow(UnauthorizedError);
  });

  test('is not read for every token that somebody makes up', async () => {
    const { state, authenticate } = deployment();
    for (let attempt = 0; attempt < 100; attempt++) {
      await expect(authenticate(`guess ${attempt}`)).rejects.toThrow(UnauthorizedError);
      state.now += 100;
    }
    expect(state.reads).toBeLessThanOrEqual(2);
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ADMINISTRATOR, TEAM_ID } from '#contracts/access';
import { type CreatedToken, createdToken, ownProfile, type TokenData, tokenList } from '#contracts/tokens';
import { ADMINISTRATOR_TOKEN, type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { captureOutput } from '../support/captured-output.ts';
import { newId } from '../support/documents.ts';
import { functionUrlEvent, lambdaContext } from '../support/lambda-invocation.ts';

const clock = { now: Date.now() };
const DAY = 24 * 60 * 60 * 1000;

let world: ApiWorld;
let admin: Awaited<ReturnType<ApiWorld['addUser']>>;
let member: Awaited<ReturnType<ApiWorld['addUser']>>;
beforeAll(async () => {
  world = await startApiWorld({ now: () => clock.now });
  admin = await world.addUser('admin@example.com', 'ADMIN');
  member = await world.addUser('member@example.com');
});
afterAll(() => world.stop());

async function send(method: string, path: string, token: string, body?: unknown) {
  const headers = { authorization: `Bearer ${token}` };
  const request = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const event = functionUrlEvent(`/winnow/v1/${path}`, {}, request);
  const { result, text } = await captureOutput(() => world.answer(event, lambdaContext()));
  const answer = String(result.body);
  return { status: result.statusCode, body: answer === '' ? undefined : JSON.parse(answer), logged: text };
}
async function create(body: object, token = ADMINISTRATOR_TOKEN): Promise<CreatedToken> {
  const { status, body: made, logged } = await send('POST', 'tokens', token, body);
  expect(status).toBe(201);
  expect(logged).not.toContain(made.token);
  return createdToken.parse(made);
}
const list = async (token: string): Promise<TokenData[]> =>
  tokenList.parse((await send('GET', 'tokens', token)).body).tokens;
const me = async (token: string) => (await send('GET', 'me', token)).status;

test('whoever has a token can ask who they are', async () => {
  const { body } = await send('GET', 'me', member.token);
  expect(ownProfile.parse(body)).toEqual({
    ...{ id: member.user.id, email: 'member@example.com', name: 'member@example.com', role: 'MEMBER' },
    teamId: TEAM_ID,
  });
  expect((await send('GET', 'me', ADMINISTRATOR_TOKEN)).body).toMatchObject({ role: 'OWNER' });
  expect(await me('unknown')).toBe(401);
});

describe('a token', () => {
  test('is shown when it is made, and then never again', async () => {
    const made = await create({ name: 'laptop' }, member.token);
    expect(made.token).toMatch(/^wnw_[A-Za-z0-9_-]{43}$/);
    expect(made).toMatchObject({
      userId: member.user.id,
      name: 'laptop',
      hint: `wnw_…${made.token.slice(-4)}`,
    });
    expect(await me(made.token)).toBe(200);
    const { body } = await send('GET', 'tokens', member.token);
    expect(body.tokens).toContainEqual(expect.objectContaining({ id: made.id, name: 'laptop' }));
    expect(JSON.stringify(body)).not.toContain(made.token);
  });

  test('expires when its days are over', async () => {
    const { token, expiresAt } = await create({ name: 'short', expiresInDays: 1 });
    expect(expiresAt).toBe(clock.now + DAY);
    expect(await me(token)).toBe(200);
    clock.now += DAY;
    const { status, body } = await send('GET', 'me', token);
    expect(status).toBe(401);
    expect(body.error).toContain('expired');
  });

  test('that expires makes none that outlives it', async () => {
    const { token, expiresAt } = await create({ name: 'short', expiresInDays: 1 }, member.token);
    for (const expiresInDays of [undefined, 2]) {
      const { status, body } = await send('POST', 'tokens', token, { name: 'kept', expiresInDays });
      expect({ status, code: body.code }).toEqual({ status: 403, code: 'FORBIDDEN' });
    }
    const made = await create({ name: 'shorter', expiresInDays: 0.5 }, token);
    expect(made.expiresAt).toBeLessThan(expiresAt!);
  });

  test('that expires resets none of a service account, for that would not expire', async () => {
    const account = await create({ name: 'robot', role: 'SERVICEACCOUNT' });
    const { token } = await create({ name: 'short', expiresInDays: 1 });
    const path = { teamId: TEAM_ID, serviceAccountId: account.userId };
    const refusal = await world.refused('service_account_reset_token', { path, token });
    expect(refusal).toMatchObject({ status: 403, error: { code: 'FORBIDDEN' } });
    expect(await me(account.token)).toBe(200);
    await world.call('service_account_reset_token', { path });
    expect(await me(account.token)).toBe(401);
  });

  test('stops to work when it is revoked, which may be repeated', async () => {
    const { id, token } = await create({ name: 'lost' }, member.token);
    expect((await send('DELETE', `tokens/${id}`, member.token)).status).toBe(204);
    expect(await me(token)).toBe(401);
    expect((await send('DELETE', `tokens/${id}`, member.token)).status).toBe(204);
    const revoked = (await list(member.token)).find((each) => each.id === id);
    expect(revoked?.revokedAt).toBeDefined();
  });

  test('of the administrator works as the deployment’s own does', async () => {
    const { token } = await create({ name: 'second' });
    expect((await send('GET', 'me', token)).body).toMatchObject({ id: ADMINISTRATOR.id, role: 'OWNER' });
  });

  test.each([
    ['no name', {}, 'name'],
    ['an empty name', { name: ' ' }, 'name'],
    ['days that are over', { name: 'x', expiresInDays: 0 }, 'expiresInDays'],
    ['a user who is named twice', { name: 'x', userId: newId(), email: 'a@example.com' }, 'userId'],
    ['a role of nobody', { name: 'x', role: 'ADMIN' }, 'role'],
    ['something that is not known', { name: 'x', expires: 3 }, 'expires'],
  ])('is not made with %s', async (_what, body, place) => {
    const { status, body: error } = await send('POST', 'tokens', ADMINISTRATOR_TOKEN, body);
    expect(status).toBe(400);
    expect(error.error).toContain(place);
  });
});

describe('for others', () => {
  test('an administrator makes tokens, and members with them', async () => {
    const { token, userId } = await create({ name: 'welcome', email: 'new@example.com' }, admin.token);
    expect((await send('GET', 'me', token)).body).toMatchObject({ id: userId, role: 'MEMBER' });
    const again = await create({ name: 'again', email: 'new@example.com', role: 'MEMBER' }, admin.token);
    expect(again.userId).toBe(userId);
  });

  test('an administrator makes service accounts, called as their token is', async () => {
    const { token, userId } = await create({ name: 'nightly', role: 'SERVICEACCOUNT' }, admin.token);
    const accounts = await world.call('get_service_accounts_by_team_id', { path: { teamId: TEAM_ID } });
    expect(accounts).toContainEqual(expect.objectContaining({ id: userId, name: 'nightly' }));
    expect((await send('GET', 'me', token)).body).toMatchObject({ role: 'SERVICEACCOUNT' });
  });

  test('an administrator lists and revokes them, and a member sees only their own', async () => {
    const { id, token } = await create({ name: 'theirs' }, member.token);
    expect((await list(admin.token)).map((each) => each.id)).toContain(id);
    const own = await list(member.token);
    expect(new Set(own.map(({ userId }) => userId))).toEqual(new Set([member.user.id]));
    expect((await send('DELETE', `tokens/${id}`, admin.token)).status).toBe(204);
    expect(await me(token)).toBe(401);
  });

  test('a member makes no token, and revokes none', async () => {
    for (const body of [{ userId: admin.user.id }, { email: 'x@example.com' }, { role: 'SERVICEACCOUNT' }]) {
      expect((await send('POST', 'tokens', member.token, { name: 'mine?', ...body })).status).toBe(403);
    }
    const { id, token } = await create({ name: 'not yours' }, admin.token);
    expect((await send('DELETE', `tokens/${id}`, member.token)).status).toBe(404);
    expect(await me(token)).toBe(200);
  });

  test('an administrator makes none for an owner, and revokes none of theirs', async () => {
    const body = { name: 'more power', userId: ADMINISTRATOR.id };
    expect((await send('POST', 'tokens', admin.token, body)).status).toBe(403);
    const { id } = await create({ name: 'owner’s' });
    expect((await send('DELETE', `tokens/${id}`, admin.token)).status).toBe(403);
  });

  test('a token of somebody with another role than asked for is not made', async () => {
    const body = { name: 'x', email: 'member@example.com', role: 'ADMIN' };
    expect((await send('POST', 'tokens', ADMINISTRATOR_TOKEN, body)).status).toBe(409);
  });
});

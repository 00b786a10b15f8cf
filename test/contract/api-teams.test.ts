import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ADMINISTRATOR, TEAM_ID } from '#contracts/access';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { newId } from '../support/documents.ts';

let world: ApiWorld;
let admin: Awaited<ReturnType<ApiWorld['addUser']>>;
let member: Awaited<ReturnType<ApiWorld['addUser']>>;
beforeAll(async () => {
  world = await startApiWorld();
  admin = await world.addUser('admin@example.com', 'ADMIN');
  member = await world.addUser('member@example.com');
});
afterAll(() => world.stop());

const team = { teamId: TEAM_ID };
let made = 0;
const newEmail = () => `someone-${++made}@example.com`;
const add = (email: string, role: 'OWNER' | 'ADMIN' | 'MEMBER' | 'SERVICEACCOUNT', token?: string) =>
  world.call('add_team_member', { path: team, body: { email, role }, ...(token && { token }) });
const members = (token?: string) =>
  world.call('get_team_members_by_id', { path: team, ...(token && { token }) });

describe('the team', () => {
  test('is the one of the deployment, and never expires', async () => {
    const found = await world.call('get_team_by_id', { path: team });
    expect(found).toMatchObject({ id: TEAM_ID, name: 'Winnow' });
    expect(found.validUntil).toBeGreaterThan(Date.now());
    expect(await world.refused('get_team_by_id', { path: { teamId: newId() } })).toMatchObject({
      ...{ status: 404, error: { code: 'TEAM_UNKNOWN' } },
    });
  });

  test('takes in somebody whom several ask for at once, once', async () => {
    const email = newEmail();
    const ids = await Promise.all(Array.from({ length: 5 }, () => add(email, 'MEMBER')));
    expect(new Set(ids).size).toBe(1);
    expect((await members()).filter((listed) => listed.email === email)).toHaveLength(1);
  });

  test('shows its members to each of them, with their role', async () => {
    const listed = await members(member.token);
    expect(listed[0]).toMatchObject({ id: ADMINISTRATOR.id, teams: [{ id: TEAM_ID, role: 'OWNER' }] });
    expect(listed).toContainEqual(
      expect.objectContaining({ id: member.user.id, email: 'member@example.com' }),
    );
  });
});

describe('a member', () => {
  test('is added once, however often it is asked for', async () => {
    const email = newEmail();
    const id = await add(email, 'MEMBER');
    expect(id).toMatch(/^[a-f0-9]{24}$/);
    expect(await add(email.toUpperCase(), 'MEMBER', admin.token)).toBe(id);
    expect((await members()).filter((each) => each.email === email)).toHaveLength(1);
  });

  test('has one role: adding with another one is refused', async () => {
    const email = newEmail();
    await add(email, 'MEMBER');
    const refusal = await world.refused('add_team_member', { path: team, body: { email, role: 'ADMIN' } });
    expect(refusal).toMatchObject({ status: 409, error: { error: expect.stringContaining('role') } });
  });

  test('gets another role, and is removed', async () => {
    const userId = await add(newEmail(), 'MEMBER');
    const path = { ...team, userId };
    await world.call('update_team_member_by_id', { path, body: { role: 'ADMIN' } });
    expect((await members()).find(({ id }) => id === userId)?.teams).toMatchObject([{ role: 'ADMIN' }]);
    await world.call('delete_team_member_by_id', { path });
    expect((await members()).map(({ id }) => id)).not.toContain(userId);
    for (const call of [{ path }, { path: { ...team, userId: newId() } }]) {
      expect(await world.refused('delete_team_member_by_id', call)).toMatchObject({
        ...{ status: 404, error: { code: 'USER_NOT_KNOWN' } },
      });
    }
  });

  test('who was removed can do nothing any more', async () => {
    const leaver = await world.addUser(newEmail());
    await world.call('delete_team_member_by_id', { path: { ...team, userId: leaver.user.id } });
    expect((await world.refused('get_datasets', { token: leaver.token })).status).toBe(401);
  });

  test.each(['', 'nobody', 'a@', '@b', 'a b@c', `${'x'.repeat(65)}@example.com`])(
    'is not added as %p',
    async (email) => {
      const { status, error } = await world.refused('add_team_member', {
        path: team,
        body: { email, role: 'MEMBER' },
      });
      expect(status).toBe(400);
      expect(error.error).toContain('email');
    },
  );

  test('manages nobody', async () => {
    const { token } = member;
    const path = { ...team, userId: admin.user.id };
    const body = { email: newEmail(), role: 'MEMBER' };
    const refusals = [
      await world.refused('add_team_member', { path: team, body, token }),
      await world.refused('update_team_member_by_id', { path, body: { role: 'MEMBER' }, token }),
      await world.refused('delete_team_member_by_id', { path, token }),
      await world.refused('get_service_accounts_by_team_id', { path: team, token }),
      await world.refused('service_account_reset_token', {
        ...{ path: { ...team, serviceAccountId: newId() }, token },
      }),
    ];
    for (const refusal of refusals)
      expect(refusal).toMatchObject({ status: 403, error: { code: 'FORBIDDEN' } });
  });
});

test('an administrator makes, changes and removes no owner', async () => {
  const { token } = admin;
  const owner = await add(newEmail(), 'OWNER');
  const path = { ...team, userId: owner };
  const refusals = [
    await world.refused('add_team_member', { path: team, body: { email: newEmail(), role: 'OWNER' }, token }),
    await world.refused('update_team_member_by_id', { path, body: { role: 'MEMBER' }, token }),
    await world.refused('update_team_member_by_id', {
      ...{ path: { ...team, userId: member.user.id }, body: { role: 'OWNER' }, token },
    }),
    await world.refused('delete_team_member_by_id', { path, token }),
  ];
  expect(refusals.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
});

test('the administrator of the deployment stays', async () => {
  const path = { ...team, userId: ADMINISTRATOR.id };
  expect((await world.refused('delete_team_member_by_id', { path })).status).toBe(403);
  expect((await world.refused('update_team_member_by_id', { path, body: { role: 'MEMBER' } })).status).toBe(
    403,
  );
});

describe('a service account', () => {
  test('is listed with what tells its token from others, never the token itself', async () => {
    const id = await add(newEmail(), 'SERVICEACCOUNT');
    const shown = async () =>
      (await world.call('get_service_accounts_by_team_id', { path: team, token: admin.token })).find(
        (each) => each.id === id,
      );
    expect(await shown()).toMatchObject({ token: 'no token' });
    const token = await world.call('service_account_reset_token', {
      path: { ...team, serviceAccountId: id },
    });
    expect(await shown()).toMatchObject({ token: `wnw_…${token.slice(-4)}` });
    expect((await members()).map((each) => each.id)).not.toContain(id);
  });

  test('has one token after a reset; the ones before it stop to work', async () => {
    const serviceAccountId = await add(newEmail(), 'SERVICEACCOUNT');
    const path = { ...team, serviceAccountId };
    const [first, second] = [
      await world.call('service_account_reset_token', { path }),
      await world.call('service_account_reset_token', { path }),
    ];
    expect(second).toMatch(/^wnw_[A-Za-z0-9_-]{43}$/);
    expect((await world.refused('get_datasets', { token: first })).status).toBe(401);
    expect(await world.call('get_datasets', { token: second })).toEqual([]);
  });

  test('is what its token is reset of: of people there is none', async () => {
    for (const serviceAccountId of [newId(), member.user.id]) {
      const refusal = await world.refused('service_account_reset_token', {
        path: { ...team, serviceAccountId },
      });
      expect(refusal).toMatchObject({ status: 404, error: { code: 'USER_NOT_KNOWN' } });
    }
  });
});

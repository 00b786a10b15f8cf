import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { policyDocument } from '../../local/access-policy.ts';
import type { RolePlan } from '../../local/plan-types.ts';
import {
  delegatedTo,
  foreignRole,
  type IngestWorld,
  READ,
  startIngestWorld,
} from '../support/ingest-world.ts';
import { photo as drawPhoto } from '../support/photos.ts';

const KEY = 'arn:aws:kms:eu-central-1:000000000000:key/1';
const without = (action: string) => READ.filter((other) => other !== action);

let world: IngestWorld;
const drawn = new Map<number, Promise<Buffer>>();
const photo = (scene: number) => drawn.get(scene) ?? drawn.set(scene, drawPhoto(scene)).get(scene)!;

/** Each test has a dataset, its bucket and the role that lends it. */
let bucket: ReturnType<IngestWorld['newBucket']>;
let role: RolePlan;
let datasetId: string;
beforeAll(async () => {
  world = await startIngestWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  bucket = world.newBucket({ kmsKey: KEY });
  role = world.newRole();
  datasetId = await world.newDataset(delegatedTo(role, `${bucket.bucket}/in`));
});

const put = async (file: string, scene = 1) => bucket.put(`in/${file}`, await photo(scene));
const file = (name: string) => world.fileOf(datasetId, name);
const stateNow = () => world.stage.stores.states.get(datasetId);
const counted = (metric: string) => world.stage.telemetry.total(metric) ?? 0;
/** As a verification that finds everything in order. */
const verified = async () => {
  const can = { canList: true, canRead: true, canWrite: true, canOverwrite: true };
  await world.stage.stores.states.noteVerified(datasetId, 1, { at: world.stage.clock.now, ...can });
};

const REFUSALS: readonly {
  readonly what: string;
  readonly take: () => void;
  readonly give: () => void;
  readonly problem: object;
  readonly says: string;
}[] = [
  {
    what: 'a role that asks for another external ID',
    take: () => world.cloud.foreignRoles.set(foreignRole(role.name, READ, 'another-external-id')),
    give: () => world.cloud.foreignRoles.set(role),
    problem: { code: 'ROLE_NOT_ASSUMABLE', scope: 'datasource', action: 'sts:AssumeRole' },
    says: 'trust policy',
  },
  {
    what: 'a role that is gone',
    take: () => world.cloud.foreignRoles.delete(role.arn),
    give: () => world.cloud.foreignRoles.set(role),
    problem: { code: 'ROLE_NOT_ASSUMABLE', scope: 'datasource', action: 'sts:AssumeRole' },
    says: "can't be assumed",
  },
  {
    what: 'a role that may not read',
    take: () => world.cloud.foreignRoles.set(foreignRole(role.name, without('s3:GetObject'))),
    give: () => world.cloud.foreignRoles.set(role),
    problem: { code: 'DENIED', scope: 'object', action: 's3:GetObject' },
    says: 's3:GetObject',
  },
  {
    what: 'a key that may not be used',
    take: () => world.cloud.foreignRoles.set(foreignRole(role.name, without('kms:*'))),
    give: () => world.cloud.foreignRoles.set(role),
    problem: { code: 'KMS_DENIED', scope: 'object', action: 'kms:Decrypt' },
    says: 'kms:Decrypt',
  },
  {
    what: 'a bucket that denies',
    take: () => {
      const Statement = { Effect: 'Deny', Action: 's3:GetObject', Principal: '*', Resource: '*' };
      world.cloud.foreignBuckets.set({
        ...{ name: bucket.bucket, kmsKey: KEY },
        policy: policyDocument.parse({ Statement }),
      });
    },
    give: () => world.cloud.foreignBuckets.set({ name: bucket.bucket, kmsKey: KEY }),
    problem: { code: 'DENIED', scope: 'object', action: 's3:GetObject' },
    says: 'the policy of the bucket',
  },
  {
    what: 'a bucket that is gone',
    take: () => world.cloud.foreignBuckets.delete(bucket.bucket),
    give: () => world.cloud.foreignBuckets.set({ name: bucket.bucket, kmsKey: KEY }),
    problem: { code: 'NO_SUCH_BUCKET', scope: 'datasource' },
    says: 'does not exist',
  },
];

describe.each(REFUSALS)('$what', ({ take, give, problem, says }) => {
  test('holds events and says what to do; once it is put right the images are registered', async () => {
    const before = counted('EventsHeld');
    const events = [await put('a.jpg', 1), await put('b.jpg', 2)];
    take();
    await world.deliver(...events);
    expect([await file('a.jpg'), await file('b.jpg')]).toEqual([undefined, undefined]);
    expect(counted('EventsHeld')).toBe(before + 2);
    expect((await stateNow())?.problem).toMatchObject({ use: 'INPUT', fileName: 'a.jpg', ...problem });
    expect((await stateNow())?.problem?.reason).toContain(says);
    expect(await world.stage.deps.intake.get(datasetId)).toBeUndefined();

    give();
    await verified();
    await world.release(datasetId);
    expect(await world.filesOf(datasetId)).toEqual(['a.jpg', 'b.jpg']);
    expect(await world.heldOf(datasetId)).toEqual([]);
    expect(await world.stage.deps.intake.get(datasetId)).toBeDefined();
  });
});

describe('a datasource that refuses everything', () => {
  test('is not asked again for some minutes, and then once more', async () => {
    world.cloud.foreignRoles.delete(role.arn);
    await world.deliver(await put('a.jpg'));
    const since = (await stateNow())?.problem?.since;
    world.cloud.foreignRoles.set(role);
    world.forget();
    await world.deliver(await put('b.jpg'));
    expect(await file('b.jpg')).toBeUndefined();
    expect((await world.heldOf(datasetId)).map(({ fileName }) => fileName).sort()).toEqual([
      'a.jpg',
      'b.jpg',
    ]);
    world.stage.clock.now += 5 * 60_000;
    await world.deliver(await put('c.jpg'));
    expect(await world.filesOf(datasetId)).toEqual(['c.jpg']);
    expect((await stateNow())?.problem?.since).toBe(since);
  });

  test('holds no other dataset back, and its state is not written for every event', async () => {
    const other = await world.newDataset(delegatedTo(world.newRole(), `${bucket.bucket}/in`));
    world.cloud.foreignRoles.delete(role.arn);
    const writes: string[] = [];
    const { datasourceWatch } = world.stage.deps;
    const deps = {
      ...world.stage.deps,
      datasourceWatch: {
        ...datasourceWatch,
        noteProblem: (...args: Parameters<typeof datasourceWatch.noteProblem>) => {
          writes.push(args[3].fileName);
          return datasourceWatch.noteProblem(...args);
        },
      },
    };
    for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) {
      await world.stage.deliverWith(deps, await put(name));
    }
    expect(writes).toEqual(['a.jpg']);
    expect(await world.filesOf(other)).toEqual(['a.jpg', 'b.jpg', 'c.jpg']);
    expect(await world.heldOf(datasetId)).toHaveLength(3);
  });

  test('is told apart from a service that does not answer for now: that message comes again', async () => {
    const event = await put('a.jpg');
    const end = world.cloud.faults.begin({ bucket: bucket.bucket, operations: ['GetObject'] });
    await expect(world.deliver(event)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(end()).toBeGreaterThan(0);
    expect(await world.heldOf(datasetId)).toEqual([]);
    expect(await stateNow()).not.toHaveProperty('problem');
    await world.deliver(event);
    expect(await file('a.jpg')).toMatchObject({ state: 'registered' });
  });
});

describe('an event that is held again while it is being sent', () => {
  test('stays held', async () => {
    world.cloud.foreignRoles.delete(role.arn);
    await world.deliver(await put('a.jpg'));
    const [held] = await world.heldOf(datasetId);
    world.stage.clock.now += 1;
    await world.deliverEvent(held!.event);
    await world.stage.stores.heldEvents.release(held!);
    expect(await world.heldOf(datasetId)).toHaveLength(1);
  });
});

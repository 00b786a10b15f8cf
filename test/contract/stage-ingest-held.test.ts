import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { policyDocument } from '../../local/access-policy.ts';
import type { RolePlan } from '../../local/plan-types.ts';
import { deliverBody } from '../support/ingest-stage.ts';
import {
  delegatedTo,
  foreignRole,
  type IngestWorld,
  READ,
  startIngestWorld,
} from '../support/ingest-world.ts';
import { REDELIVERY } from '../support/lambda-invocation.ts';
import { messageOf, type ObjectEventRecord } from '../support/landing.ts';
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
  await world.stage.stores.states.noteVerified(datasetId, { at: world.stage.clock.now, ...can });
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
    says: "in the bucket's",
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
          writes.push(args[2].fileName);
          return datasourceWatch.noteProblem(...args);
        },
      },
    };
    for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) {
      await deliverBody(messageOf(await put(name)), deps, REDELIVERY);
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

describe('a dataset that is paused', () => {
  const pause = async () => {
    await world.stage.datasets.pause(datasetId, world.stage.clock.now);
    world.forget();
  };
  const resume = async () => {
    await world.stage.datasets.resume(datasetId);
    world.forget();
  };
  test('has its events wait, of each file the newest; what is none of its images does not wait', async () => {
    await pause();
    const events = [await put('a.jpg', 1), await put('a.jpg', 2), await put('b.jpg'), await put('notes.txt')];
    await world.deliver(...[2, 1, 0, 3, 1].map((at) => events[at]!));
    expect(await world.filesOf(datasetId)).toEqual([]);
    const held = (await world.heldOf(datasetId)).sort((one, other) =>
      one.fileName < other.fileName ? -1 : 1,
    );
    expect(held).toMatchObject([
      { fileName: 'a.jpg', reason: 'paused', event: { datasetId, eTag: eTagOf(events[1]!) } },
      { fileName: 'b.jpg', reason: 'paused' },
    ]);
    await resume();
    await world.release(datasetId, (all) => all.toReversed());
    expect(await world.filesOf(datasetId)).toEqual(['a.jpg', 'b.jpg']);
    expect(await file('a.jpg')).toMatchObject({ eTag: eTagOf(events[1]!) });
  });

  test('is paused in the landing bucket too', async () => {
    datasetId = await world.newDataset();
    const name = await world.nameOf(datasetId);
    await pause();
    await world.deliver(await world.stage.landing.put(`${name}/a.jpg`, await photo(1)));
    expect(await world.filesOf(datasetId)).toEqual([]);
    await resume();
    await world.release(datasetId);
    expect(await world.filesOf(datasetId)).toEqual(['a.jpg']);
  });

  test('ends in the same state in whatever order events come, before, while and after it is paused', async () => {
    const change = fc.record({
      file: fc.constantFrom('a.jpg', 'b.jpg'),
      scene: fc.constantFrom(0, 1, 2),
    });
    const story = fc.record({
      changes: fc.array(change, { minLength: 1, maxLength: 5 }),
      /** Where each change is delivered: before the pause, during it, after it. */
      phases: fc.array(fc.constantFrom(0, 1, 2), { minLength: 5, maxLength: 5 }),
      isReversed: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(story, async ({ changes, phases, isReversed }) => {
        stories += 1;
        const prefix = `story-${stories}/`;
        datasetId = await world.newDataset(delegatedTo(role, `${bucket.bucket}/${prefix}`));
        const records: ObjectEventRecord[] = [];
        for (const { file: name, scene } of changes) {
          const key = prefix + name;
          records.push(await (scene === 0 ? bucket.remove(key) : bucket.put(key, await photo(scene))));
        }
        const of = (phase: number) => {
          const chosen = records.filter((_, at) => phases[at] === phase);
          return isReversed ? chosen.toReversed() : chosen;
        };
        await world.deliver(...of(0));
        await pause();
        await world.deliver(...of(1));
        await resume();
        await world.deliver(...of(2));
        await world.release(datasetId, (held) => (isReversed ? held.toReversed() : held));
        for (const name of ['a.jpg', 'b.jpg']) {
          const last = changes.findLast((made) => made.file === name);
          const found = await file(name);
          const sha256 = found?.state === 'registered' ? found.facts.sha256 : found?.state;
          const expected = last && (last.scene === 0 ? 'deleted' : await digestOf(last.scene));
          expect({ name, sha256 }).toEqual({ name, sha256: expected });
        }
      }),
      { numRuns: 10 },
    );
  });
});
let stories = 0;
const digestOf = async (scene: number) =>
  createHash('sha256')
    .update(await photo(scene))
    .digest('hex');

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

const eTagOf = ({ s3 }: ObjectEventRecord) => (s3 as { object: { eTag: string } }).object.eTag;

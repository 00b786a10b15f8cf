import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { datasetStore } from '#aws/dataset-store';
import { putItem } from '#aws/table';
import { ConflictError, NotFoundError } from '#contracts/errors';
import { DEFAULT_SETTINGS } from '#contracts/settings';
import { datasetNameKey } from '#contracts/table-keys';
import { newLandingDataset } from '#platform/datasets/datasets';
import { startTableServer, type TableServer } from '../support/aws-servers.ts';
import { collect, newId, race } from '../support/documents.ts';

let server: TableServer;
beforeAll(async () => {
  server = await startTableServer();
});
afterAll(() => server.stop());

const NOW = 1_700_000_000_000;
const store = () => datasetStore(server.table, () => NOW);
const newName = () => `Shop ${newId()}`;
const make =
  (name: string, createdAt = NOW) =>
  (id: string) =>
    newLandingDataset(id, name, { landing: 'landing', platform: 'platform' }, createdAt);

describe('ensure', () => {
  test('makes the dataset once and finds it afterwards', async () => {
    const name = newName();
    const made = await store().ensure(name, make(name));
    expect(await store().ensure(name, make(name))).toEqual(made);
    expect(await store().get(made.id)).toEqual(made);
    expect(await store().findByName(name)).toEqual(made);
  });

  test('fifty racers get the same dataset', async () => {
    const name = newName();
    const made = await race(() => store().ensure(name, make(name)));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(await store().get(made[0]!.id)).toEqual(made[0]);
  });

  test('a name that was claimed by a process that died is healed under the same id', async () => {
    const name = newName();
    const datasetId = newId();
    await putItem(server.table, { ...datasetNameKey(name), name, datasetId });
    expect(await store().findByName(name)).toBeUndefined();
    const healed = await race(() => store().ensure(name, make(name)));
    expect(new Set(healed.map(({ id }) => id))).toEqual(new Set([datasetId]));
    expect((await store().findByName(name))?.id).toBe(datasetId);
  });

  test('a dataset that dies between its two writes leaves a claim that the next one heals', async () => {
    const name = newName();
    const died = store().ensure(name, () => {
      throw new Error('killed');
    });
    await expect(died).rejects.toThrow('killed');
    expect(await store().findByName(name)).toBeUndefined();
    const healed = await store().ensure(name, make(name));
    expect(await store().findByName(name)).toEqual(healed);
  });

  test('knows nothing of a name that nobody claimed', async () => {
    expect(await store().findByName(newName())).toBeUndefined();
    expect(await store().get(newId())).toBeUndefined();
  });
});

test('list gives all datasets, oldest first', async () => {
  const names = [newName(), newName(), newName()];
  const created = [NOW + 3000, NOW + 1000, NOW + 2000];
  for (const [index, name] of names.entries()) await store().ensure(name, make(name, created[index]));
  const listed = (await collect(store().list())).filter(({ name }) => names.includes(name));
  expect(listed.map(({ name }) => name)).toEqual([names[1], names[2], names[0]]);
});

describe('replaceSettings', () => {
  const settings = { ...DEFAULT_SETTINGS, archive: { enabled: false } };

  test('replaces them and counts the version up', async () => {
    const name = newName();
    const { id } = await store().ensure(name, make(name));
    await store().replaceSettings(id, settings, 0);
    expect(await store().get(id)).toMatchObject({ settings, settingsVersion: 1, lastModifiedAt: NOW });
  });

  test('of fifty writers who read the same version one wins', async () => {
    const name = newName();
    const { id } = await store().ensure(name, make(name));
    const outcomes = await race((racer) =>
      store()
        .replaceSettings(id, { ...settings, ingest: { ...settings.ingest, maxBytes: racer + 1 } }, 0)
        .then(
          () => 'replaced',
          (error: unknown) => error,
        ),
    );
    expect(outcomes.filter((outcome) => outcome === 'replaced')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome instanceof ConflictError)).toHaveLength(49);
    const stored = await store().get(id);
    expect(stored?.settings.ingest.maxBytes).toBe(outcomes.indexOf('replaced') + 1);
  });

  test('of no dataset is not found', async () => {
    await expect(store().replaceSettings(newId(), settings, 0)).rejects.toThrow(NotFoundError);
  });
});

describe('lock', () => {
  test('of fifty scheduled runs one gets it, also when it asks again', async () => {
    const name = newName();
    const { id } = await store().ensure(name, make(name));
    const scheduled = Array.from({ length: 50 }, newId);
    const got = await race((racer) => store().lock(id, scheduled[racer]!));
    expect(got.filter(Boolean)).toHaveLength(1);
    const holder = scheduled[got.indexOf(true)]!;
    expect((await store().get(id))?.lockedBy).toBe(holder);
    expect(await store().lock(id, holder)).toBe(true);
  });

  test('is released by its holder only', async () => {
    const name = newName();
    const { id } = await store().ensure(name, make(name));
    const [holder, other] = [newId(), newId()];
    await store().lock(id, holder);
    await store().unlock(id, other);
    expect((await store().get(id))?.lockedBy).toBe(holder);
    await store().unlock(id, holder);
    await store().unlock(id, holder);
    expect(await store().get(id)).not.toHaveProperty('lockedBy');
    expect(await store().lock(id, other)).toBe(true);
  });

  test('does not make a dataset that does not exist', async () => {
    const id = newId();
    expect(await store().lock(id, newId())).toBe(false);
    expect(await store().get(id)).toBeUndefined();
  });
});

describe('advance', () => {
  test('lets both values only grow, each for itself', async () => {
    const name = newName();
    const { id } = await store().ensure(name, make(name));
    await store().advance(id, { sampleCount: 10, processedUntil: 500 });
    await store().advance(id, { sampleCount: 5, processedUntil: 700 });
    await store().advance(id, { sampleCount: 12, processedUntil: 600 });
    expect(await store().get(id)).toMatchObject({ sampleCount: 12, processedUntil: 700 });
  });

  test('fifty racers leave the greatest values', async () => {
    const name = newName();
    const { id } = await store().ensure(name, make(name));
    await race((racer) => store().advance(id, { sampleCount: racer, processedUntil: 1000 - racer }));
    expect(await store().get(id)).toMatchObject({ sampleCount: 49, processedUntil: 1000 });
  });
});

test.each(['', 'x'.repeat(3000)])('nothing is found under an id that no item can have', async (id) => {
  expect(await datasetStore(server.table).get(id)).toBeUndefined();
});

import { expect, test } from '@jest/globals';
import { verifyDatasources } from '#platform/datasources/verify-datasource';
import { storeConnections } from '#stores/store-connections';
import { datasourceWith, type OpenedStore, STORES } from '../support/stores/opened-stores.ts';

const verified = async ({ config, servers }: OpenedStore) => {
  const both = { input: datasourceWith(config), lightly: datasourceWith(config, 'LIGHTLY') };
  const deps = { datasourceConnections: storeConnections(servers), now: Date.now };
  const { verification, ...found } = await verifyDatasources(both, deps);
  const { canList, canRead, canWrite, canOverwrite, errors } = verification;
  return { can: { canList, canRead, canWrite, canOverwrite }, errors, found };
};
const EVERYTHING = { canList: true, canRead: true, canWrite: true, canOverwrite: true };

test.each(['GCS', 'AZURE'] as const)(
  'a datasource of type %s is verified, and nothing is left in it',
  async (type) => {
    const store = await STORES[type]();
    store.fake.files.put('2026/a.jpg', 'x');
    expect(await verified(store)).toMatchObject({ can: EVERYTHING, errors: undefined });
    expect(store.fake.files.list('', '').map(({ name }) => name)).toEqual(['2026/a.jpg']);
    store.fake.files.denied.add('2026/a.jpg');
    expect(await verified(store)).toMatchObject({
      can: { ...EVERYTHING, canRead: false },
      errors: { canRead: expect.stringContaining('was denied. Allow it to') },
    });
    await store.fake.stop();
  },
);

test.each([
  ['GCS', 'storage.objects.delete'],
  ['AZURE', 'Delete Blob'],
] as const)('what may not be deleted in %s is a hint, and no problem', async (type, action) => {
  const store = await STORES[type]();
  store.fake.files.deniedMethods.add('DELETE');
  expect(await verified(store)).toMatchObject({
    can: { ...EVERYTHING, canWrite: false },
    found: { problems: [], hints: expect.arrayContaining([expect.objectContaining({ action })]) },
  });
  await store.fake.stop();
});

test('a web server is verified for reading, and says that it is not written to', async () => {
  const store = await STORES.LOCAL();
  store.fake.files.put('2026/a.jpg', 'x');
  expect(await verified(store)).toMatchObject({
    can: { canRead: true, canWrite: false, canOverwrite: false },
    errors: { canWrite: expect.stringContaining('Nothing can be written to a web server') },
  });
  await store.fake.stop();
});

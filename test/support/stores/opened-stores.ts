import type { DatasourceConfig } from '#contracts/datasources';
import type { ReadableDatasource, WritableDatasource } from '#platform/datasources/datasource-objects';
import type { Datasource } from '#platform/datasources/datasources';
import { placeOf } from '#platform/datasources/location';
import { type StoreServers, storeConnections } from '#stores/store-connections';
import { newId } from '../documents.ts';
import { AZURE_ACCOUNT, startFakeAzureStorage } from './fake-azure-storage.ts';
import { SERVICE_ACCOUNT, startFakeGoogleStorage } from './fake-google-storage.ts';
import type { FakeStore } from './fake-store.ts';
import { startFakeWebServer } from './fake-web-server.ts';

const BUCKET = 'some-images';

/** A store with a server that stands in for it. */
export interface OpenedStore {
  readonly fake: FakeStore;
  readonly config: DatasourceConfig;
  readonly servers: StoreServers;
}

/** A store of each type, by the name of the type. */
export const STORES: Readonly<Record<'GCS' | 'AZURE' | 'LOCAL', () => Promise<OpenedStore>>> = {
  GCS: async () => {
    const fake = await startFakeGoogleStorage(BUCKET);
    const config = {
      type: 'GCS' as const,
      purpose: 'INPUT_OUTPUT' as const,
      fullPath: `gs://${BUCKET}/2026`,
      ...{ gcsProjectId: 'project', gcsCredentials: JSON.stringify(SERVICE_ACCOUNT) },
    } satisfies DatasourceConfig;
    const gcs = { apiEndpoint: fake.url, retryOptions: { autoRetry: false } };
    return { fake, config, servers: { gcs } };
  },
  AZURE: async () => {
    const fake = await startFakeAzureStorage(BUCKET);
    const config = {
      type: 'AZURE' as const,
      purpose: 'INPUT_OUTPUT' as const,
      fullPath: `${BUCKET}/2026`,
      ...AZURE_ACCOUNT,
    } satisfies DatasourceConfig;
    return {
      fake,
      config,
      servers: {
        azure: { endpoint: `${fake.url}/${AZURE_ACCOUNT.accountName}`, retryOptions: { maxTries: 1 } },
      },
    };
  },
  LOCAL: async () => {
    const fake = await startFakeWebServer();
    const config = {
      type: 'LOCAL' as const,
      purpose: 'INPUT_OUTPUT' as const,
      fullPath: '2026',
      webServerLocation: fake.url,
    } satisfies DatasourceConfig;
    return { fake, config, servers: { privateEndpoints: 'allow' as const } };
  },
};

/** The datasource that a config means. */
export const datasourceWith = (
  config: DatasourceConfig,
  use: 'INPUT' | 'LIGHTLY' = 'INPUT',
  access: Partial<Datasource['access']> = {},
): Datasource => ({
  ...{ id: newId(), use, config, place: placeOf(config) },
  access: { requesterPays: false, pathStyle: true, ...access },
});

export const openToRead = (store: OpenedStore, change: object = {}): Promise<ReadableDatasource> =>
  storeConnections(store.servers).open(datasourceWith({ ...store.config, ...change } as DatasourceConfig));
export const openToWrite = (store: OpenedStore): Promise<WritableDatasource> =>
  storeConnections(store.servers).open({ ...datasourceWith(store.config, 'LIGHTLY'), use: 'LIGHTLY' });

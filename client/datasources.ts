import type {
  DatasourceConfig,
  DatasourceConfigVerifyData,
  DatasourcePurpose,
  S3Region,
} from './protocol.ts';
import { currentDatasetId, type Session } from './session.ts';
import type { Abortable } from './transport.ts';

/** What every kind of datasource has. */
export interface DatasourceOptions extends Abortable {
  /**
   * Where the thumbnail of an image is, for programs that look there themselves; `null`: nowhere. Winnow keeps it and names its
   * own thumbnails by itself.
   * @default '.lightly/thumbnails/[filename]_thumb.[extension]'
   */
  readonly thumbnailSuffix?: string | null | undefined;
  /** `INPUT`: images are read there; `LIGHTLY`: results are written there. @default 'INPUT_OUTPUT' */
  readonly purpose?: DatasourcePurpose | undefined;
}

export interface AzureConfig extends DatasourceOptions {
  /** With the path in it: `container/folder`. */
  readonly containerName: string;
  readonly accountName: string;
  readonly sasToken: string;
}

export interface GcsConfig extends DatasourceOptions {
  /** `gs://bucket/folder` */
  readonly resourcePath: string;
  readonly projectId: string;
  /** The JSON of a service account's key. */
  readonly credentials: string;
}

export interface LocalConfig extends DatasourceOptions {
  /** @default '' */
  readonly relativePath?: string | undefined;
  /** @default 'http://localhost:3456' */
  readonly webServerLocation?: string | undefined;
}

export interface S3Config extends DatasourceOptions {
  /** `s3://bucket/folder` */
  readonly resourcePath: string;
  readonly region: S3Region;
  readonly accessKey: string;
  readonly secretAccessKey: string;
}

export interface S3DelegatedAccessConfig extends DatasourceOptions {
  /** `s3://bucket/folder` */
  readonly resourcePath: string;
  readonly region: S3Region;
  readonly roleArn: string;
  readonly externalId: string;
}

export interface ObsConfig extends DatasourceOptions {
  /** `obs://bucket/folder` */
  readonly resourcePath: string;
  readonly obsEndpoint: string;
  readonly obsAccessKeyId: string;
  readonly obsSecretAccessKey: string;
}

const THUMBNAIL_SUFFIX = '.lightly/thumbnails/[filename]_thumb.[extension]';

/** Where the images of the dataset in use are. */
export class Datasources {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async getDatasource({
    purpose,
    signal,
  }: Pick<DatasourceOptions, 'purpose' | 'signal'> = {}): Promise<DatasourceConfig> {
    const path = { datasetId: await currentDatasetId(this.#session, { signal }) };
    return this.#session.call('get_datasource_by_dataset_id', { path, query: { purpose } }, { signal });
  }

  async setAzureConfig(config: AzureConfig): Promise<void> {
    const { containerName: fullPath, accountName, sasToken: accountKey } = config;
    await this.#set({ type: 'AZURE', fullPath, accountName, accountKey, ...shared(config) }, config);
  }

  async setGcsConfig(config: GcsConfig): Promise<void> {
    const { resourcePath: fullPath, projectId: gcsProjectId, credentials: gcsCredentials } = config;
    await this.#set({ type: 'GCS', fullPath, gcsProjectId, gcsCredentials, ...shared(config) }, config);
  }

  async setLocalConfig(config: LocalConfig = {}): Promise<void> {
    const { relativePath: fullPath = '', webServerLocation = 'http://localhost:3456' } = config;
    await this.#set({ type: 'LOCAL', fullPath, webServerLocation, ...shared(config) }, config);
  }

  async setS3Config(config: S3Config): Promise<void> {
    const { resourcePath: fullPath, region: s3Region } = config;
    const keys = { s3AccessKeyId: config.accessKey, s3SecretAccessKey: config.secretAccessKey };
    await this.#set({ type: 'S3', fullPath, s3Region, ...keys, ...shared(config) }, config);
  }

  async setS3DelegatedAccessConfig(config: S3DelegatedAccessConfig): Promise<void> {
    const { resourcePath: fullPath, region: s3Region } = config;
    const role = { s3ARN: config.roleArn, s3ExternalId: config.externalId };
    await this.#set({ type: 'S3DelegatedAccess', fullPath, s3Region, ...role, ...shared(config) }, config);
  }

  async setObsConfig(config: ObsConfig): Promise<void> {
    const { resourcePath: fullPath, obsEndpoint, obsAccessKeyId, obsSecretAccessKey } = config;
    const keys = { obsEndpoint, obsAccessKeyId, obsSecretAccessKey };
    await this.#set({ type: 'OBS', fullPath, ...keys, ...shared(config) }, config);
  }

  /** What the server is allowed to do with the datasources of the dataset. */
  async listDatasourcePermissions({ signal }: Abortable = {}): Promise<DatasourceConfigVerifyData> {
    const path = { datasetId: await currentDatasetId(this.#session, { signal }) };
    return this.#session.call('verify_datasource_by_dataset_id', { path }, { signal });
  }

  async #set(body: DatasourceConfig, { signal }: Abortable): Promise<void> {
    const path = { datasetId: await currentDatasetId(this.#session, { signal }) };
    await this.#session.call('update_datasource_by_dataset_id', { path, body }, { signal });
  }
}

function shared({ thumbnailSuffix = THUMBNAIL_SUFFIX, purpose = 'INPUT_OUTPUT' }: DatasourceOptions) {
  return { purpose, ...(thumbnailSuffix !== null && { thumbSuffix: thumbnailSuffix }) };
}

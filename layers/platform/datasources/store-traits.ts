import type { DatasourceConfig } from '#contracts/datasources';

type StoreType = DatasourceConfig['type'];

/** Of a datasource, what may name a server. */
interface Configured {
  readonly config: {
    readonly type: StoreType;
    readonly obsEndpoint?: string;
    readonly webServerLocation?: string;
  };
  readonly access: { readonly endpoint?: string };
}

/** What one kind of store is like, where that differs from others. Who opens it is in `layers/stores`. */
interface StoreTraits {
  /** What may stand before a path, the usual one first: exports write that. */
  readonly schemes: readonly string[];
  /** Somebody's bucket can tell of its changes, unless it is on a server that they have named. */
  readonly sendsEvents: boolean;
  /** What it calls what is asked of it, as problems name it. One that is never written to has nothing to call that. */
  readonly actions: {
    readonly list: string;
    readonly read: string;
    readonly write?: string;
    readonly delete?: string;
  };
  /** The server that whoever set the datasource has named. Undefined: that of AWS, Google or Azure. */
  readonly namedServer: (datasource: Configured) => string | undefined;
}

/** The web server of a datasource; where none is named, the protocol's own file server. */
export const webServerOf = ({ webServerLocation }: Pick<Configured['config'], 'webServerLocation'>): string =>
  webServerLocation ?? 'http://localhost:3456';

const S3_ACTIONS = {
  list: 's3:ListBucket',
  read: 's3:GetObject',
  write: 's3:PutObject',
  delete: 's3:DeleteObject',
} as const;

export const STORE_TRAITS = {
  /** Winnow's own buckets, whose events name a folder and no datasource. */
  LIGHTLY: {
    schemes: ['s3://'],
    sendsEvents: false,
    actions: S3_ACTIONS,
    namedServer: () => undefined,
  },
  S3: {
    schemes: ['s3://'],
    sendsEvents: true,
    actions: S3_ACTIONS,
    namedServer: ({ access }) => access.endpoint,
  },
  S3DelegatedAccess: {
    schemes: ['s3://'],
    sendsEvents: true,
    actions: S3_ACTIONS,
    namedServer: () => undefined,
  },
  GCS: {
    schemes: ['gs://', 'gcs://'],
    sendsEvents: false,
    actions: {
      list: 'storage.objects.list',
      read: 'storage.objects.get',
      write: 'storage.objects.create',
      delete: 'storage.objects.delete',
    },
    namedServer: () => undefined,
  },
  AZURE: {
    schemes: ['azure://'],
    sendsEvents: false,
    actions: { list: 'List Blobs', read: 'Get Blob', write: 'Put Blob', delete: 'Delete Blob' },
    namedServer: () => undefined,
  },
  OBS: {
    schemes: ['obs://', 's3://'],
    sendsEvents: false,
    actions: S3_ACTIONS,
    namedServer: ({ config }) => config.obsEndpoint,
  },
  /** A web server. A path is relative to its folder. */
  LOCAL: {
    schemes: [],
    sendsEvents: false,
    actions: { list: 'GET', read: 'GET' },
    namedServer: ({ config }) => webServerOf(config),
  },
} as const satisfies Readonly<Record<StoreType, StoreTraits>>;

export const traitsOf = ({ type }: Pick<DatasourceConfig, 'type'>): StoreTraits => STORE_TRAITS[type];

/** The server that a datasource is on, where somebody has named it: what it answers is theirs to put right. */
export const namedServerOf = (datasource: Configured): string | undefined =>
  traitsOf(datasource.config).namedServer(datasource);

export const canBeWritten = (config: Pick<DatasourceConfig, 'type'>): boolean =>
  traitsOf(config).actions.write !== undefined;

const ALL: readonly StoreTraits[] = Object.values(STORE_TRAITS);
const LISTING = new Set(
  ALL.filter(({ actions: { list, read } }) => list !== read).map(({ actions }) => actions.list),
);
const DELETING = new Set(ALL.map(({ actions }) => actions.delete));

/** True of what some store calls listing, where it tells that from reading. */
export const isListing = (action: string): boolean => LISTING.has(action);
/** True of what some store calls deleting. */
export const isDeleting = (action: string): boolean => DELETING.has(action);

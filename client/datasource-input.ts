import { askOfDataset, type Session } from './session.ts';
import type { Abortable } from './transport.ts';

/** How a datasource is asked. */
export interface DatasourceAccess {
  readonly requesterPays: boolean;
  /** The account that the bucket has to belong to: 12 digits. */
  readonly bucketOwner?: string;
  /** Of a store that speaks S3; for type S3. */
  readonly endpoint?: string;
  readonly pathStyle: boolean;
}

/** Which files of the INPUT datasource are images of the dataset, and how that datasource is asked. */
export interface InputSettings extends DatasourceAccess {
  /** Patterns of names, relative to the datasource: `2026/**`. One of these has to match, none of those may. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Without the dot. */
  readonly extensions?: readonly string[];
  /** Bytes. */
  readonly minBytes?: number;
  readonly maxBytes?: number;
  /** Since the file was last modified. */
  readonly minAgeSeconds?: number;
  readonly maxAgeSeconds?: number;
  readonly objectTags: boolean;
  /** For a LIGHTLY that is configured by itself. Without it, that is asked as INPUT is. */
  readonly lightly?: DatasourceAccess;
  /** The bucket behind an access point. */
  readonly eventBucket?: string;
  /** `s3://bucket/prefix/source-bucket/configuration/` */
  readonly inventory?: string;
  readonly listEverySeconds?: number;
  readonly listRequestsPerSecond: number;
}

/** What is left out stays as it is; null stands for the default. */
export type InputSettingsChange = {
  readonly [Field in keyof InputSettings]?: InputSettings[Field] | null;
};

const PATH = 'input/settings';

/** How images of the dataset in use are taken in. */
export class DatasourceInput {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async getInputSettings({ signal }: Abortable = {}): Promise<InputSettings> {
    return askOfDataset(this.#session, { method: 'GET', path: PATH }, { signal });
  }

  /** Changes them, and has the datasource compared. @returns all of them */
  async updateInputSettings(change: InputSettingsChange, { signal }: Abortable = {}): Promise<InputSettings> {
    return askOfDataset(this.#session, { method: 'PATCH', path: PATH, body: change }, { signal });
  }
}

import type { Telemetry } from '#contracts/telemetry';
import type { PublicTokens } from '#platform/access/public-tokens';
import type { DatasetStore } from '#platform/datasets/datasets';
import type { DatasetImages } from '#platform/datasources/dataset-images';
import type { DatasourceStore } from '#platform/datasources/datasources';
import type { ExportStore } from '#platform/exports/exports';
import type { ReadUrlSigner, WritableObjectStore } from '#platform/objects/objects';
import type { RunStore } from '#platform/runs/runs';
import type { SampleStore } from '#platform/samples/samples';
import type { TagStore } from '#platform/tags/tags';

/** What an export needs of the world. */
export interface ExportDeps {
  readonly datasets: DatasetStore;
  readonly runs: RunStore;
  readonly tags: TagStore;
  readonly samples: SampleStore;
  readonly exports: ExportStore;
  readonly datasources: Pick<DatasourceStore, 'get'>;
  readonly images: Pick<DatasetImages, 'sign'>;
  readonly objects: WritableObjectStore;
  readonly signer: ReadUrlSigner;
  readonly publicTokens: PublicTokens;
  /** Of the API, without a slash at the end: what URLs that redirect begin with. */
  readonly apiUrl: string;
  readonly telemetry: Telemetry;
  readonly exportsBucket: string;
  /** ms */
  readonly now: () => number;
}

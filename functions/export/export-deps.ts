import type { Telemetry } from '#contracts/telemetry';
import type { DatasetStore } from '#platform/datasets';
import type { ExportStore } from '#platform/exports';
import type { ReadUrlSigner, WritableObjectStore } from '#platform/objects';
import type { RunStore } from '#platform/runs';
import type { SampleStore } from '#platform/samples';
import type { TagStore } from '#platform/tags';

/** What an export needs of the world. */
export interface ExportDeps {
  readonly datasets: DatasetStore;
  readonly runs: RunStore;
  readonly tags: TagStore;
  readonly samples: SampleStore;
  readonly exports: ExportStore;
  readonly objects: WritableObjectStore;
  readonly signer: ReadUrlSigner;
  readonly telemetry: Telemetry;
  readonly exportsBucket: string;
  /** ms */
  readonly now: () => number;
}

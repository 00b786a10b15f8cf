import type { Telemetry } from '#contracts/telemetry';
import type { DatasetStore } from '#platform/datasets/datasets';
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
  readonly objects: WritableObjectStore;
  readonly signer: ReadUrlSigner;
  readonly telemetry: Telemetry;
  readonly exportsBucket: string;
  /** ms */
  readonly now: () => number;
}

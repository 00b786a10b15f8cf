import type { Dataset, RawSample, Run } from '#contracts/items';
import type { NearDuplicateSettings } from '#contracts/near-duplicates';
import type { Sample } from '#contracts/samples';
import type { RunConfig } from '#contracts/worker-config';
import type { GivenFacts } from '#platform/given-facts/given-facts';
import type { ReadImage } from './near-duplicates/read-image.ts';

/** All that a run decides from. The same input leads to the same decisions, wherever the worker runs. */
export interface RunInput {
  readonly run: Pick<Run, 'id' | 'createdAt' | 'cutoff'>;
  readonly dataset: Pick<Dataset, 'id' | 'name' | 'sampleCount'>;
  readonly config: RunConfig;
  /** By which the images of the dataset are described now; what another one has described waits. */
  readonly embeddingModel: string;
  /** In no particular order. */
  readonly candidates: readonly RawSample[];
  /** The datapool; by index. */
  readonly samples: readonly Sample[];
  readonly given: GivenFacts;
  /** @default those of a dataset that has none of its own */
  readonly nearDuplicates?: NearDuplicateSettings;
  /** Images that earlier runs have read and not chosen, in an order that stays the same. @default none are known */
  readonly read?: readonly ReadImage[];
  /** The file of `docker.checkpointRunId`. */
  readonly checkpoint?: string;
}

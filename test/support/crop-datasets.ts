import type { Dataset } from '#contracts/items';
import type { Sample } from '#contracts/samples';
import { collect } from './documents.ts';
import type { RunWorld } from './run-world.ts';

/** A selection of two images by the diversity of their quarters. */
export const BY_TILES = {
  nSamples: 2,
  autoTasks: [{ type: 'TILING', name: 'quarters', numRows: 2, numCols: 2 }],
  strategies: [{ input: { type: 'EMBEDDINGS', task: 'quarters' }, strategy: { type: 'DIVERSITY' } }],
};

/** The first dataset of object crops that was made of another one; undefined where there is none. */
export async function cropsOf(
  { datasets, samples }: RunWorld,
  parent: Dataset,
): Promise<{ dataset: Dataset; samples: Sample[] } | undefined> {
  const [dataset] = await collect(datasets.listChildren(parent.id));
  if (!dataset) return undefined;
  return { dataset, samples: await collect(samples.range(dataset.id, 0, 1_000)) };
}

import { parseArgs } from 'node:util';
import type { SelectionConfig } from '#contracts/selection-config';
import { type SelectionCandidate, type SelectionResult, select } from '#selection/select';
import { selectInShards } from '#selection/sharded-selection';
import { embeddingMatrix } from '#selection/vectors/embedding-matrix';
import { NearestChosen } from '#selection/vectors/nearest-chosen';
import { embeddingsOfFolder } from './labelled-embeddings.ts';
import { photoLikeEmbeddings, uniformEmbeddings } from './synthetic-embeddings.ts';

const SHARDS = [4, 16];

/** How well a selection stands for all candidates. */
interface Quality {
  /** Largest and mean distance of a candidate to the nearest chosen one. */
  readonly cover: number;
  readonly meanCover: number;
  /** Smallest distance between two chosen ones. */
  readonly apart: number;
}

function qualityOf(candidates: readonly SelectionCandidate[], { chosen }: SelectionResult): Quality {
  const embeddings = candidates.map(({ embedding }) => embedding);
  const matrix = embeddingMatrix(embeddings, embeddings[0]?.length ?? 0, 'candidate');
  const nearest = new NearestChosen(matrix, chosen.length);
  for (const { index } of chosen) nearest.choose(matrix, index, () => undefined);
  const { distances } = nearest;
  return {
    cover: distances.reduce((largest, distance) => Math.max(largest, distance), 0),
    meanCover: distances.reduce((sum, distance) => sum + distance, 0) / distances.length,
    apart: Math.min(...chosen.map(({ distance }) => distance ?? Number.POSITIVE_INFINITY)),
  };
}

async function compare(name: string, embeddings: readonly Float32Array[], count: number): Promise<void> {
  const candidates = embeddings.map((embedding, index) => ({
    fileName: `${index}.jpg`,
    embedding,
    metadata: {},
  }));
  const config: SelectionConfig = {
    nSamples: count,
    strategies: [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }],
  };
  const request = { config, candidates, preselected: [] };
  const one = qualityOf(candidates, await select(request));
  const lot: SelectionConfig = {
    nSamples: count,
    strategies: [{ input: { type: 'RANDOM' }, strategy: { type: 'WEIGHTS' } }],
  };
  const random = qualityOf(candidates, await select({ ...request, config: lot }));
  const row = (how: string, { cover, meanCover, apart }: Quality) =>
    [name, how, cover / one.cover, meanCover / one.meanCover, apart / one.apart]
      .map((value) => (typeof value === 'number' ? value.toFixed(3) : value))
      .join(' | ');
  for (const shards of SHARDS) {
    console.log(row(`${shards} shards`, qualityOf(candidates, await selectInShards(request, shards))));
  }
  console.log(row('by lot', { ...random, apart: Number.NaN }));
}

// Two rounds relative to one, as docs/performance.md shows it; on the images of folders too that have one for each kind.
const { positionals } = parseArgs({ allowPositionals: true });
console.log(
  'what | how | cover radius | mean distance to cover | minimum distance, all relative to one round',
);
await compare('photo-like', photoLikeEmbeddings({ count: 20_000, dimension: 128, seed: 9 }), 1_000);
await compare('uniform', uniformEmbeddings({ count: 20_000, dimension: 64, seed: 9 }), 500);
for (const folder of positionals) {
  const embeddings = (await embeddingsOfFolder(folder)).map(({ embedding }) => embedding);
  await compare(folder, embeddings, 34);
  await compare(folder, embeddings, 100);
}

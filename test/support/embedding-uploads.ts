import type { ApiWorld } from './api-world.ts';
import { asAddedByClient, datasetWithSamples } from './dataset-with-samples.ts';

/** The CSV of embeddings as clients write it. */
export const embeddingsCsv = (
  rows: readonly (readonly [fileName: string, ...vector: number[]])[],
): string => {
  const dimension = (rows[0]?.length ?? 1) - 1;
  const header = [
    'filenames',
    ...Array.from({ length: dimension }, (_, axis) => `embedding_${axis}`),
    'labels',
  ];
  return `${[header, ...rows.map((row) => [...row, 0])].map((cells) => cells.join(',')).join('\n')}\n`;
};

/** Puts a file to the write URL of an embedding of this name. */
export async function uploadEmbedding(
  world: ApiWorld,
  datasetId: string,
  name: string,
  file: string | Uint8Array<ArrayBuffer>,
): Promise<{ datasetId: string; embeddingId: string }> {
  const path = { datasetId };
  const { embeddingId, signedWriteUrl } = await world.call('get_embeddings_csv_write_url_by_id', {
    path,
    query: { name },
  });
  const { status } = await fetch(signedWriteUrl, { method: 'PUT', body: file });
  if (status !== 200) throw new Error(`The upload was answered with ${status}.`);
  return { datasetId, embeddingId };
}

/** What the read URL of an embedding gives. */
export async function readEmbedding(
  world: ApiWorld,
  path: { readonly datasetId: string; readonly embeddingId: string },
): Promise<string> {
  const url = await world.call('get_embeddings_csv_read_url_by_id', { path });
  return (await fetch(url)).text();
}

/** A file for a dataset of two samples, in the other order. */
export const TWO_ROWS = embeddingsCsv([
  ['image-1.jpg', 0.5, -1e-7],
  ['image-0.jpg', 1, 2],
]);

/** What tests of embeddings do in a world, which is there once their first test begins. */
export function embeddingsIn(world: () => ApiWorld) {
  const list = (datasetId: string) => world().call('get_embeddings_by_dataset_id', { path: { datasetId } });
  const process = (path: { datasetId: string; embeddingId: string }, rowCount: number) =>
    world().call('set_embeddings_is_processed_flag_by_id', { path, body: { rowCount } });
  const refusedProcessing = async (path: { datasetId: string; embeddingId: string }, rowCount: number) => {
    const { status, error } = await world().refused('set_embeddings_is_processed_flag_by_id', {
      path,
      body: { rowCount },
    });
    return { status, code: error.code, message: error.error };
  };
  const clientDataset = (samples: number) => datasetWithSamples(world(), samples, asAddedByClient);
  return { list, process, refusedProcessing, clientDataset };
}

import type { ApiWorld } from './api-world.ts';

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

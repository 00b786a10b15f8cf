import type { PublicObject } from './public-tokens.ts';

/** The object that a redirect leads to: a sample's image or thumbnail, or a file of a datasource by its path. */
export function publicObjectOf(
  { datasetId = '', sampleId }: Readonly<Record<string, string>>,
  query: URLSearchParams,
): PublicObject {
  if (sampleId !== undefined) return publicSample(datasetId, sampleId, query.get('type') ?? 'full');
  return publicPath(datasetId, query.get('path') ?? '');
}

/** @param type `full` or `thumbnail` */
export const publicSample = (datasetId: string, sampleId: string, type: string): PublicObject => ({
  datasetId,
  object: `${type}:${sampleId}`,
});

/** @param path relative to the datasource */
export const publicPath = (datasetId: string, path: string): PublicObject => ({
  datasetId,
  object: `path:${path}`,
});

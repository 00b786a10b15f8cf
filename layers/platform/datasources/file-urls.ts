import { NotFoundError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { RESERVED_FOLDER } from '#contracts/s3-keys';
import { leftByOthersUntil } from './datasources.ts';
import { documentFolder } from './listing/listed-files.ts';
import { type OpenDatasourceDeps, openDatasource, openLightly } from './open-datasource.ts';
import { checkRelativePath } from './paths.ts';

/** How long a URL of a single file works, at most: as long as sessions are sure to. */
export const FILE_URL_SECONDS = 3600;

/**
 * A URL for a file by its path: what is below `.lightly/` is in LIGHTLY, everything else in INPUT. The file need not
 * exist.
 *
 * @throws NotFoundError for a file that a deleted dataset of the same name has left behind
 */
export async function signPath(
  dataset: Dataset,
  { method, path, parameter }: { method: 'GET' | 'HEAD'; path: string; parameter: string },
  deps: OpenDatasourceDeps,
): Promise<string> {
  checkRelativePath(path, parameter);
  const use = path.startsWith(RESERVED_FOLDER) ? 'LIGHTLY' : 'INPUT';
  const { datasource, objects } = await openDatasource(dataset, use, deps);
  const leftUntil = leftByOthersUntil(dataset, datasource);
  if (
    leftUntil !== undefined &&
    ((await objects.head(path))?.lastModified ?? Number.POSITIVE_INFINITY) <= leftUntil
  ) {
    throw new NotFoundError('file', path);
  }
  return objects.signRead(method, path, FILE_URL_SECONDS);
}

/** A URL for a document, by its name below the folder of its kind. It need not exist. */
export async function signDocument(
  dataset: Dataset,
  document: {
    readonly method: 'GET' | 'PUT';
    readonly kind: 'metadata' | 'predictions' | 'embeddings';
    readonly fileName: string;
  },
  deps: OpenDatasourceDeps,
): Promise<string> {
  const path = documentFolder(document.kind) + document.fileName;
  checkRelativePath(document.fileName, 'fileName');
  checkRelativePath(path, 'fileName');
  const objects = await openLightly(dataset, deps);
  return document.method === 'GET'
    ? objects.signRead('GET', path, FILE_URL_SECONDS)
    : objects.signWrite(path, FILE_URL_SECONDS);
}

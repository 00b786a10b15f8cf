import { EXPORT_FILE_NAMES } from '#contracts/s3-keys';
import type { Flow } from './flow.ts';

/**
 * The outcome of a dataset without what may differ between two clouds that did the same: ids, times, and the signed
 * part of URLs.
 */
export async function comparable(flow: Flow, dataset: string) {
  const { runs, samples, tags, exports } = await flow.outcome(dataset);
  const exported: Record<string, string> = {};
  for (const { format } of exports) {
    exported[format] = neutral(
      (await flow.readExport(dataset, 'latest', EXPORT_FILE_NAMES[format])) ?? 'missing',
    );
  }
  return {
    runs: runs.map(({ state }) => state),
    samples: samples.map(({ fileName, index, selection, facts }) => ({
      fileName,
      index,
      selection,
      sha256: facts?.sha256,
    })),
    tags: tags.map(({ totSize, bitMaskData }) => ({ totSize, bitMaskData })),
    exported,
  };
}

const neutral = (text: string): string =>
  text
    .replace(/\b[0-9a-f]{24}\b/g, '<id>')
    .replace(/http:\/\/[^"\s,]*/g, '<url>')
    .replace(/(createdAt|lastModifiedAt)(\\?"): ?\d+/g, '$1$2:<time>')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replace(/\d{8}_\d\dh\d\dm\d\ds\w*/g, '<tag>');

import type { ObjectId } from '#contracts/schema';
import { derivedObjectId } from '../derived-id.ts';

const PREFIX_DIGITS = 16;
const INDEX_DIGITS = 8;

/** The id of the sample at an index. The index is part of it: whoever has the id needs no other look-up. */
export function sampleIdOf(datasetId: ObjectId, index: number): ObjectId {
  return prefixOf(datasetId) + index.toString(16).padStart(INDEX_DIGITS, '0');
}

/** The index of the sample with this id; undefined where the id is of another dataset or of no sample at all. */
export function indexOfSampleId(datasetId: ObjectId, sampleId: string): number | undefined {
  const digits = sampleId.slice(PREFIX_DIGITS);
  const isOurs = sampleId.startsWith(prefixOf(datasetId)) && /^[a-f0-9]{8}$/.test(digits);
  return isOurs ? Number.parseInt(digits, 16) : undefined;
}

const prefixOf = (datasetId: ObjectId): string =>
  derivedObjectId('samples', datasetId).slice(0, PREFIX_DIGITS);

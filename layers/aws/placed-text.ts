import { text } from 'node:stream/consumers';
import { RetryableError } from '#contracts/errors';
import type { PlacedText } from '#contracts/predictions';
import type { WritableObjectStore } from '#platform/objects/objects';

/** An item may hold 400 KB, keys and names included. A longer text is an object. */
const MOST_BYTES_IN_TABLE = 300_000;

/** Where long texts are kept. */
export interface TextObjects {
  readonly objects: WritableObjectStore;
  readonly bucket: string;
}

/** The text as an item has it. An object is written before the item names it: what is named always exists. */
export async function placeText(
  { objects, bucket }: TextObjects,
  content: string,
  key: string,
): Promise<PlacedText> {
  if (Buffer.byteLength(content) <= MOST_BYTES_IN_TABLE) return { text: content };
  await objects.put({ bucket, key }, content, { contentType: 'application/json' });
  return { textKey: key };
}

/** @throws RetryableError where the object is not there: a deletion is under way. */
export async function readPlacedText({ objects, bucket }: TextObjects, placed: PlacedText): Promise<string> {
  if ('text' in placed) return placed.text;
  const object = await objects.open({ bucket, key: placed.textKey });
  if (!object) throw new RetryableError('TEXT_MISSING', `The object '${placed.textKey}' is not there.`);
  return text(object.body);
}

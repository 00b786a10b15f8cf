import { type Sample, sample } from '#contracts/samples';
import { parseWith } from '#contracts/schema';
import type { SampleChanges } from '#platform/samples/samples';
import { type ItemCodec, type ItemKey, itemCodec, type StoredItem } from './stored-item.ts';

/** What clients and owners of objects say of a sample, in words of their own. */
const GIVEN = ['metaData', 'customMetaData', 'exif', 'videoFrameData', 'cropData', 'objectMetadata'] as const;

const plain = itemCodec<Sample>('sample', sample);

/**
 * As {@link itemCodec}; what others give is JSON text in the table. DynamoDB would refuse some of their numbers and
 * names, and would round others.
 */
export const sampleCodec: ItemCodec<Sample> = {
  encode: (document, key: ItemKey) => ({ ...plain.encode(document, key), ...givenAsText(document) }),
  decode: (item) => plain.decode({ ...item, ...givenFromText(item) } as StoredItem),
};

const changes = sample.pick({
  thumbName: true,
  lastModifiedAt: true,
  metaData: true,
  customMetaData: true,
  exif: true,
  group: true,
});

/** Changes of a sample as they are written. @throws InvalidInputError */
export function encodedChanges(changed: SampleChanges): Readonly<Record<string, unknown>> {
  const valid = parseWith(changes.partial(), changed, 'sample');
  return { ...valid, ...givenAsText(valid) };
}

/** The fields that are JSON text in the table, as text. */
function givenAsText(fields: { readonly [Name in (typeof GIVEN)[number]]?: unknown }) {
  return Object.fromEntries(
    GIVEN.flatMap((name) => (fields[name] === undefined ? [] : [[name, JSON.stringify(fields[name])]])),
  );
}

function givenFromText(item: StoredItem): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    GIVEN.flatMap((name) => {
      const text = item[name];
      return typeof text === 'string' ? [[name, JSON.parse(text) as unknown]] : [];
    }),
  );
}

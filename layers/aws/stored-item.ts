import type { ZodType } from 'zod';
import { WinnowError } from '#contracts/errors';
import { parseWith } from '#contracts/schema';
import type { IndexKey, SecondIndexKey, TableKey } from '#contracts/table-keys';

/** An item as it is in the table: its keys beside the fields of its document. */
export type StoredItem = ItemKey & Readonly<Record<string, unknown>>;
/** The primary key and those of the indexes that the item is in. */
export type ItemKey = TableKey & Partial<IndexKey & SecondIndexKey>;

/** How documents of one kind become items and come back. `kind` is a word for people. */
export interface ItemCodec<Document> {
  encode(document: Document, key: ItemKey): StoredItem;
  decode(item: StoredItem): Document;
}

/**
 * Documents pass through their schema in both directions. The embedding inside `facts`, a Float32Array, is stored
 * as binary: four bytes for each value, little-endian, a third of what a list of numbers would take.
 *
 * `encode` throws InvalidInputError for a document that its schema refuses; `decode` throws a WinnowError
 * `UNREADABLE_ITEM` that names kind and key.
 */
export function itemCodec<Document extends object>(
  kind: string,
  schema: ZodType<Document>,
): ItemCodec<Document> {
  return {
    encode: (document, key) => ({ ...withEmbedding(parseWith(schema, document, kind), toBytes), ...key }),
    decode: (item) => {
      const { pk, sk, gsi1pk: _, gsi1sk: __, gsi2pk: ___, gsi2sk: ____, ...fields } = item;
      try {
        return parseWith(schema, withEmbedding(fields, toVector), `The stored ${kind}`);
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new WinnowError('UNREADABLE_ITEM', `${kind} '${pk}' / '${sk}' can't be read: ${reason}`, {
          cause,
        });
      }
    },
  };
}

/**
 * As `codec`; fields that hold values of a caller's own are JSON text in the table. DynamoDB would refuse some of their
 * numbers and names, and would round others.
 */
export function withJsonFields<Document extends object>(
  codec: ItemCodec<Document>,
  names: readonly FieldOf<Document>[],
): ItemCodec<Document> {
  const converted = (item: StoredItem, convert: (value: unknown) => unknown): StoredItem => ({
    ...item,
    ...Object.fromEntries(names.flatMap((name) => (name in item ? [[name, convert(item[name])]] : []))),
  });
  return {
    encode: (document, key) => converted(codec.encode(document, key), (value) => JSON.stringify(value)),
    decode: (item) =>
      codec.decode(converted(item, (value) => (typeof value === 'string' ? JSON.parse(value) : value))),
  };
}

/** A field of any kind of the document. */
type FieldOf<Document> = Document extends unknown ? keyof Document & string : never;

function withEmbedding(
  fields: object,
  convert: (embedding: unknown) => unknown,
): Readonly<Record<string, unknown>> {
  const { facts, ...others } = fields as { facts?: { embedding?: unknown } };
  if (facts === undefined) return others;
  return { ...others, facts: { ...facts, embedding: convert(facts.embedding) } };
}

const BYTES_PER_VALUE = Float32Array.BYTES_PER_ELEMENT;

function toBytes(vector: unknown): unknown {
  if (!(vector instanceof Float32Array)) return vector;
  const bytes = new Uint8Array(vector.length * BYTES_PER_VALUE);
  const view = new DataView(bytes.buffer);
  vector.forEach((value, index) => {
    view.setFloat32(index * BYTES_PER_VALUE, value, true);
  });
  return bytes;
}

function toVector(bytes: unknown): unknown {
  if (!(bytes instanceof Uint8Array) || bytes.length % BYTES_PER_VALUE !== 0) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / BYTES_PER_VALUE }, (_, index) =>
    view.getFloat32(index * BYTES_PER_VALUE, true),
  );
}

import type { BucketPrefix } from '#contracts/items';
import { byUtf8Bytes } from '../datasources/name-order.ts';
import { isOfPlace, isSameObject, type KnownObject } from '../samples/raw-samples.ts';
import type { JudgedFile, NameChunk } from './name-chunks.ts';

/** What is not as the registry has it. */
export type Difference =
  /** It is listed, and the registry does not know it or has it as deleted. */
  | { readonly kind: 'missed'; readonly file: JudgedFile; readonly known?: KnownObject }
  /** The registry has another object of that name, or does not know that it went to an archive or came back. */
  | { readonly kind: 'changed'; readonly file: JudgedFile; readonly known: KnownObject }
  /** The registry has it and it is not listed. */
  | { readonly kind: 'absent'; readonly known: KnownObject }
  /** The registry has an image, and listed is another object that is no image of the dataset. */
  | { readonly kind: 'replaced'; readonly known: KnownObject }
  /** It is too new to tell: its event is under way. */
  | { readonly kind: 'young'; readonly file: JudgedFile };

/** A sequence in the order of names that can be looked ahead in. */
export interface KnownObjects {
  /** The next one, which stays the next one. */
  peek(): Promise<KnownObject | undefined>;
  /** Goes past it. */
  skip(): void;
  /** It is not read any further. */
  close(): Promise<void>;
}

export function knownObjects(listed: AsyncIterable<KnownObject>): KnownObjects {
  const iterator = listed[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<KnownObject>> | undefined;
  return {
    peek: async () => {
      next ??= iterator.next();
      const { done, value } = await next;
      return done ? undefined : value;
    },
    skip: () => {
      next = undefined;
    },
    close: async () => void (await iterator.return?.()),
  };
}

/** Where the dataset's images are now, and which objects are too new to be compared. */
export interface CompareRule {
  readonly place: BucketPrefix;
  /** Modified after the one and not after the other (ms); absent where nothing waits for its event. */
  readonly young?: { readonly after: number; readonly until: number };
}

/**
 * Compares a chunk of a listing with what the registry has of its range, and goes past that. Both are in the order of
 * names, so that neither has to be held.
 */
export async function* differences(
  { files, until }: NameChunk,
  known: KnownObjects,
  rule: CompareRule,
): AsyncGenerator<Difference> {
  for (const file of files) {
    for (;;) {
      const other = await known.peek();
      if (!other || byUtf8Bytes(other.fileName, file.name) >= 0) break;
      known.skip();
      if (other.state !== 'deleted') yield { kind: 'absent', known: other };
    }
    const next = await known.peek();
    const same = next?.fileName === file.name ? next : undefined;
    if (same) known.skip();
    const found = differenceOf(file, same, rule);
    if (found) yield found;
  }
  for (;;) {
    const other = await known.peek();
    if (!other || (until !== undefined && byUtf8Bytes(other.fileName, until) > 0)) break;
    known.skip();
    if (other.state !== 'deleted') yield { kind: 'absent', known: other };
  }
}

/**
 * How a listed object differs from what the registry has under its name. What the filter leaves out is no difference while it
 * is what the registry has, or the registry has nothing.
 */
export function differenceOf(
  file: JudgedFile,
  known: KnownObject | undefined,
  { place, young }: CompareRule,
): Difference | undefined {
  const image = known?.state === 'deleted' ? undefined : known;
  const isSame = image !== undefined && isSameObject(objectIn(place, file), image);
  const isLeftOut = file.skipped !== undefined;
  if (isSame ? isReadableAsKnown(file, image) : isLeftOut && !image) return undefined;
  if (young && file.lastModified > young.after && file.lastModified <= young.until)
    return { kind: 'young', file };
  if (!image) return { kind: 'missed', file, ...(known && { known }) };
  return isLeftOut && !isSame ? { kind: 'replaced', known: image } : { kind: 'changed', file, known: image };
}

/** What was rejected for another reason, or is left out, is not looked at again for being in an archive or not. */
function isReadableAsKnown(
  { skipped, isArchived }: JudgedFile,
  known: Pick<KnownObject, 'state' | 'isArchived'>,
): boolean {
  if (known.state === 'rejected' && (!known.isArchived || skipped !== undefined)) return true;
  return known.isArchived === (isArchived === true);
}

/**
 * True where nothing speaks for another object but that it was in an archive. Listings do not tell of every archive: to look
 * at it each time would find the same for as long as it is in there.
 */
export const isPerhapsRestored = (difference: Difference, place: BucketPrefix): boolean =>
  difference.kind === 'changed' &&
  difference.known.isArchived &&
  isSameObject(objectIn(place, difference.file), difference.known);

const objectIn = ({ bucket, prefix }: BucketPrefix, { name, eTag }: Pick<JudgedFile, 'name' | 'eTag'>) => ({
  ...{ bucket, key: prefix + name, eTag },
});

/** True where the registry has it in the place where the dataset's images are now. */
export const isRegisteredIn = (known: KnownObject, { bucket, prefix }: BucketPrefix): boolean =>
  isOfPlace(known, { bucket, key: prefix + known.fileName });

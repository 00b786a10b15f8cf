import { z } from 'zod';
import { InvalidInputError } from '#contracts/errors';
import { objectId } from '#contracts/schema';

const seconds = z.int().nonnegative();
const text = z.string().refine((value) => value.isWellFormed());
const bound = text.max(4096).exactOptional();

/** Where a list of relevant files is: in LIGHTLY, or an artifact of a run. */
const relevantSource = z.union([
  z.strictObject({ fileName: text.min(4).max(4096) }),
  z.strictObject({ runId: objectId, artifactId: objectId }),
]);
export type RelevantSource = z.infer<typeof relevantSource>;

/** What a listing is about; the same on all of its pages. */
const listingScope = z.strictObject({
  kind: z.enum(['samples', 'metadata', 'predictions']),
  taskName: text.max(1024).exactOptional(),
  /** Unix seconds, both inclusive, of the last modification. */
  from: seconds,
  to: seconds,
  relevant: relevantSource.exactOptional(),
});
export type ListingScope = z.infer<typeof listingScope>;

const cursor = z.strictObject({ scope: listingScope, after: bound, until: bound });
/** Where a page of a listing begins, and where its part of the listing ends. */
export type ListingCursor = z.infer<typeof cursor>;

const LONGEST_CURSOR = 32_768;

/** As text that goes into a URL. It is no secret, and its holder may change it: it names nothing but a range. */
export const cursorText = (place: ListingCursor): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url');

/**
 * @param scope what the request itself says; what a cursor was made for can't be changed under way
 * @throws InvalidInputError where it is not a cursor of such a listing
 */
export function parseCursor(
  text: string,
  scope: Pick<ListingScope, 'kind' | 'taskName' | 'relevant'>,
): ListingCursor {
  const parsed = text.length > LONGEST_CURSOR ? undefined : cursor.safeParse(jsonOf(text)).data;
  const isSame = (name: 'kind' | 'taskName' | 'relevant'): boolean =>
    JSON.stringify(parsed?.scope[name]) === JSON.stringify(scope[name]);
  if (parsed && isSame('kind') && isSame('taskName') && isSame('relevant')) return parsed;
  throw new InvalidInputError(
    'cursor is not one of this listing. Begin without a cursor, and go on with the one that each page has, ' +
      'with the same relevant files and taskName.',
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}

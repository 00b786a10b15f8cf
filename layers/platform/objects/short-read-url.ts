import type { ObjectReference, ReadUrlSigner } from './objects.ts';

/** Long enough to begin a download, short enough for a URL that got lost. */
export const SHORT_URL_SECONDS = 60 * 60;

/** A URL that reads the object from now on for an hour, or less where the credentials end sooner. */
export async function shortReadUrl(
  reference: ObjectReference,
  { readUrls, now }: { readonly readUrls: ReadUrlSigner; readonly now: () => number },
): Promise<string> {
  const signedAt = now();
  const anHour = signedAt + SHORT_URL_SECONDS * 1000;
  return readUrls.sign(
    reference,
    signedAt,
    Math.min(anHour, (await readUrls.latestExpiry(signedAt)) ?? anHour),
  );
}

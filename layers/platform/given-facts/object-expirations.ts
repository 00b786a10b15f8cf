import pMap from 'p-map';
import type { RawSample } from '#contracts/items';

/** Requests under way at a time. */
const CONCURRENT_LOOKS = 32;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The time (ms) in S3's header `x-amz-expiration`, for example
 * `expiry-date="Fri, 21 Dec 2012 00:00:00 GMT", rule-id="old images"`. Undefined where it has none.
 */
export function expiryDateIn(header: string | undefined): number | undefined {
  const date = /(?:^|[\s,])expiry-date="([^"]*)"/.exec(header ?? '')?.[1];
  const at = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(at) ? undefined : at;
}

export interface ExpiringImage {
  readonly fileName: string;
  /** ms */
  readonly expiresAt: number;
}

/**
 * Images that are deleted before so many days have passed, the first one first. One request for each image.
 *
 * @param at ms; the days begin here
 * @param onLook called after each image with the share that has been looked at
 * @param expiryOf ms; undefined where no rule of its bucket deletes the image, or it is gone
 */
export async function imagesExpiringWithin(
  days: number,
  {
    candidates,
    at,
    onLook,
  }: {
    readonly candidates: readonly RawSample[];
    readonly at: number;
    readonly onLook: (share: number) => Promise<void>;
  },
  expiryOf: (image: RawSample) => Promise<number | undefined>,
): Promise<ExpiringImage[]> {
  const until = at + days * DAY_MS;
  const expiring: ExpiringImage[] = [];
  const registered = candidates.filter(({ state }) => state === 'registered');
  let looks = 0;
  await pMap(
    registered,
    async (image) => {
      const expiresAt = await expiryOf(image);
      if (expiresAt !== undefined && expiresAt < until)
        expiring.push({ fileName: image.fileName, expiresAt });
      looks += 1;
      await onLook(looks / registered.length);
    },
    { concurrency: CONCURRENT_LOOKS },
  );
  return expiring.sort((a, b) => a.expiresAt - b.expiresAt || (a.fileName < b.fileName ? -1 : 1));
}

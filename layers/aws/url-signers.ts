import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { InvalidInputError } from '#contracts/errors';
import { LONGEST_READ_URL_LIFE_SECONDS } from '#contracts/settings';
import type { ReadUrlSigner, WriteUrlSigner } from '#platform/objects/objects';
import { askService } from './service-errors.ts';

const ONE_HOUR_MS = 60 * 60 * 1000;

/** Signing sends nothing. Checksums are of use to the SDK only, and would be more parameters in every URL. */
const newSigningClient = () =>
  new S3Client({ requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' });

/**
 * Signs read URLs with the client's credentials.
 *
 * `sign` throws InvalidInputError where `validUntil` is not later than `signedAt` or more than seven days later.
 *
 * `latestExpiry` is the expiry of temporary credentials. Where a session token comes without an expiry, as in the
 * environment of a Lambda, the session counts as living one hour from `signedAt`: AWS guarantees no more. It is
 * undefined for long-lived keys.
 */
export function readUrlSigner(client: S3Client = newSigningClient()): ReadUrlSigner {
  return {
    sign: async ({ bucket, key, versionId }, signedAt, validUntil) => {
      // A signature counts from the second in which it was made, so rounding down never promises too much.
      const expiresIn = Math.floor((validUntil - signedAt) / 1000);
      if (expiresIn < 1 || expiresIn > LONGEST_READ_URL_LIFE_SECONDS) {
        throw new InvalidInputError(
          `Expected 1 to ${LONGEST_READ_URL_LIFE_SECONDS} seconds of life for a read URL but received ${expiresIn}.`,
        );
      }
      const read = new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ...(versionId !== undefined && { VersionId: versionId }),
      });
      return askService({ operation: 'GetCredentials', resource: bucket }, () =>
        getSignedUrl(client, read, { expiresIn, signingDate: new Date(signedAt) }),
      );
    },
    latestExpiry: async (signedAt) => {
      const { expiration, sessionToken } = await client.config.credentials();
      if (expiration) return expiration.getTime();
      return sessionToken ? signedAt + ONE_HOUR_MS : undefined;
    },
  };
}

/** Signs write URLs with the client's credentials: a PUT of any content type, whose bytes are not known yet. */
export function writeUrlSigner(client: S3Client = newSigningClient()): WriteUrlSigner {
  return {
    signWrite: ({ bucket, key }, expiresIn) =>
      askService({ operation: 'GetCredentials', resource: bucket }, () =>
        getSignedUrl(client, new PutObjectCommand({ Bucket: bucket, Key: key }), { expiresIn }),
      ),
  };
}

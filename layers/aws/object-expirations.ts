import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { expiryDateIn, type ObjectExpirations } from '#platform/given-facts/object-expirations';
import { newS3Client } from './clients.ts';
import { askService, errorNameOf, statusOf } from './service-errors.ts';

/** S3 tells with each object what the lifecycle of its bucket will do with it. */
export const objectExpirations = (client: S3Client = newS3Client()): ObjectExpirations => ({
  expiresAt: async ({ bucket, key }) => {
    try {
      const found = await askService({ operation: 'HeadObject', resource: bucket }, () =>
        client.send(new HeadObjectCommand({ Bucket: bucket, Key: key })),
      );
      return expiryDateIn(found.Expiration);
    } catch (error) {
      if (statusOf(error) === 404 && errorNameOf(error) !== 'NoSuchBucket') return undefined;
      throw error;
    }
  },
});

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export type { S3Client, SQSClient };

/**
 * The SDK clients, with the limits that every stage needs. Endpoint, region and credentials come from the SDK's own
 * variables. Connections are kept alive by the SDK.
 */

/** A Lambda that waits for a connection for longer than this waits for a packet that was lost. */
const CONNECTION_TIMEOUT_MS = 3_000;
/** The first try and four more, with the SDK's backoff: about five seconds of a service's bad mood. */
const MAX_ATTEMPTS = 5;

const limits = (requestTimeoutMs: number) => ({
  maxAttempts: MAX_ATTEMPTS,
  requestHandler: {
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: requestTimeoutMs,
    // Without it the SDK only logs a warning.
    throwOnRequestTimeout: true,
    socketTimeout: requestTimeoutMs,
  },
});

/** One part of an upload (8 MiB) passes in a minute even on a slow line. */
export const newS3Client = (config: S3ClientConfig = {}): S3Client =>
  new S3Client({ ...limits(60_000), ...config });

export const newStsClient = (config: STSClientConfig = {}): STSClient =>
  new STSClient({ ...limits(10_000), ...config });

export const newSqsClient = (): SQSClient => new SQSClient(limits(10_000));

export const newDocumentClient = (): DynamoDBDocumentClient =>
  documentClientOn(new DynamoDBClient(limits(10_000)));

/** How JavaScript values map to those of DynamoDB: absent fields are left out, and nothing else is guessed. */
export function documentClientOn(client: DynamoDBClient): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

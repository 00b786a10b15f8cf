import { fileURLToPath } from 'node:url';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from '../../local/local-cloud.ts';

/** A small stack written by hand: what its functions do with an object depends on the object's key. */
export const LOCAL_STACK = fileURLToPath(new URL('../fixtures/local-stack', import.meta.url));

/** The fixture stack, with messages of failed invocations back after at most a second. */
export const startFixture = (options: Partial<LocalCloudOptions> = {}): Promise<LocalCloud> =>
  startLocalCloud({ assembly: LOCAL_STACK, visibilityTimeoutCap: 1, ...options });

export type Credentials = NonNullable<S3ClientConfig['credentials']>;

/** SDK clients of a local cloud, of its account unless credentials are given. */
export function clientsOf({ connection }: LocalCloud, credentials?: Credentials) {
  const { region, accessKeyId, secretAccessKey, endpoints } = connection;
  const common = { region, credentials: credentials ?? { accessKeyId, secretAccessKey }, maxAttempts: 1 };
  return {
    s3: new S3Client({ ...common, endpoint: endpoints.s3, forcePathStyle: true }),
    sqs: new SQSClient({ ...common, endpoint: endpoints.sqs }),
    dynamodb: new DynamoDBClient({ ...common, endpoint: endpoints.dynamodb }),
    sts: new STSClient({ ...common, endpoint: endpoints.sts }),
  };
}

/** What the fixture's worker wrote about an object: undefined where it has not seen it. */
export async function workedOn(cloud: LocalCloud, key: string) {
  const { dynamodb } = clientsOf(cloud);
  const { Item } = await dynamodb.send(
    new GetItemCommand({
      TableName: cloud.tableName,
      Key: { pk: { S: `OBJECT#${key}` }, sk: { S: 'OBJECT' } },
      ConsistentRead: true,
    }),
  );
  return (
    Item && {
      deliveries: Number(Item.deliveries?.N),
      eventName: Item.eventName?.S,
      sequencer: Item.sequencer?.S ?? '',
      size: Number(Item.bytes?.N),
      eTag: Item.eTag?.S,
    }
  );
}

/** Asks again until the answer satisfies. @throws Error after `mostMs`, with the last answer */
export async function eventually<Answer>(
  ask: () => Promise<Answer> | Answer,
  satisfies: (answer: Answer) => boolean,
  mostMs = 15_000,
): Promise<Answer> {
  const end = Date.now() + mostMs;
  for (;;) {
    const answer = await ask();
    if (satisfies(answer)) return answer;
    if (Date.now() > end) throw new Error(`Still not so after ${mostMs} ms: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

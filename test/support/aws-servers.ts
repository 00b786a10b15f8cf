import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import { documentClientOn } from '#aws/clients';
import { openTable, type Table } from '#aws/table';
import { INDEX_NAME, SECOND_INDEX_NAME } from '#contracts/table-keys';

/**
 * Servers that answer like DynamoDB, S3 and SQS, on 127.0.0.1 and in memory. Contract tests see nothing of them but
 * clients of the SDK, names and ids of their own, so they say the same about AWS itself.
 */
type CreateDynalite = (options: Readonly<Record<string, number>>) => Server;
const createDynalite = createRequire(import.meta.url)('dynalite') as CreateDynalite;

const CREDENTIALS = { accessKeyId: 'AKIDCONTRACTTEST', secretAccessKey: 'not-a-secret' };
const client = (endpoint: string) => ({ endpoint, region: 'eu-central-1', credentials: CREDENTIALS });

export interface TableServer {
  readonly table: Table;
  stop(): Promise<void>;
}

/** A DynamoDB server with one table of the product's shape. Its indexes hold keys only: the least that will do. */
export async function startTableServer(): Promise<TableServer> {
  const server = createDynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const dynamoDb = new DynamoDBClient(client(`http://127.0.0.1:${port}`));
  const table = openTable(`contract-${randomUUID()}`, documentClientOn(dynamoDb));
  await createTable(dynamoDb, table.name);
  return {
    table,
    stop: async () => {
      dynamoDb.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function createTable(dynamoDb: DynamoDBClient, name: string): Promise<void> {
  const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' as const });
  const keySchema = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: 'HASH' as const },
    { AttributeName: range, KeyType: 'RANGE' as const },
  ];
  await dynamoDb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk', 'gsi1pk', 'gsi1sk', 'gsi2pk', 'gsi2sk'].map(attribute),
      KeySchema: keySchema('pk', 'sk'),
      GlobalSecondaryIndexes: [INDEX_NAME, SECOND_INDEX_NAME].map((IndexName) => ({
        IndexName,
        KeySchema: keySchema(`${IndexName}pk`, `${IndexName}sk`),
        Projection: { ProjectionType: 'KEYS_ONLY' },
      })),
    }),
  );
}

export interface StorageServer {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly bucket: string;
  readonly endpoint: string;
  /** Of `s3`, to make more clients like it. */
  readonly s3Config: S3ClientConfig;
  createQueue(): Promise<string>;
  stop(): Promise<void>;
}

/** An S3 and SQS server with one bucket. */
export async function startStorageServer(): Promise<StorageServer> {
  const app = buildApp({ logger: false });
  refuseOverwrites(app);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  const s3Config = { ...client(endpoint), forcePathStyle: true };
  const s3 = new S3Client(s3Config);
  const sqs = new SQSClient(client(endpoint));
  const bucket = `contract-${randomUUID()}`;
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    s3,
    sqs,
    bucket,
    endpoint,
    s3Config,
    createQueue: async () => {
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: randomUUID() }));
      // The server names itself by a host name; what it listens on is an address.
      return `${endpoint}${new URL(QueueUrl ?? '').pathname}`;
    },
    stop: async () => {
      s3.destroy();
      sqs.destroy();
      await app.close();
    },
  };
}

/**
 * `If-None-Match: *` on a PUT, which the server itself ignores: 412 where the key exists. The keys that were written
 * are noted when a request arrives, so that of many at once the first one wins.
 */
function refuseOverwrites(app: ReturnType<typeof buildApp>): void {
  const written = new Set<string>();
  app.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'PUT') return;
    const path = new URL(request.url, 'http://server').pathname;
    if (request.headers['if-none-match'] === '*' && written.has(path)) {
      await reply
        .code(412)
        .type('application/xml')
        .send('<Error><Code>PreconditionFailed</Code><Message>The key exists.</Message></Error>');
      return;
    }
    written.add(path);
  });
}

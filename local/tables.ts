import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { REGION } from './physical-names.ts';
import type { TablePlan } from './plan-types.ts';
import type { Principal } from './principals.ts';

const ACTIVATION_ATTEMPTS = 200;
const ACTIVATION_PAUSE_MS = 10;

/** The user's own settings of the AWS SDK may ask for kinds of endpoints that only AWS has. */
export const OWN_ENDPOINTS_ONLY = { useFipsEndpoint: false, useDualstackEndpoint: false } as const;

/** Creates the tables that do not exist yet. @throws Error where one exists with other keys or indexes */
export async function createTables(
  plans: readonly TablePlan[],
  endpoint: string,
  { accessKeyId, secretAccessKey }: Principal,
): Promise<void> {
  const client = new DynamoDBClient({
    endpoint,
    region: REGION,
    credentials: { accessKeyId, secretAccessKey },
    ...OWN_ENDPOINTS_ONLY,
  });
  try {
    for (const plan of plans) await createTable(plan, client);
  } finally {
    client.destroy();
  }
}

async function createTable({ name, definition }: TablePlan, client: DynamoDBClient): Promise<void> {
  try {
    await client.send(new CreateTableCommand(definition as unknown as CreateTableCommandInput));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  const table = await activeTable(name, client);
  if (shapeOf(table) !== shapeOf(definition)) {
    throw new Error(
      `The table ${name} exists with other keys or indexes than the template says. Reset the local state.`,
    );
  }
}

/** A table is usable a moment after it was created. */
async function activeTable(name: string, client: DynamoDBClient): Promise<TableDescription> {
  for (let attempt = 0; attempt < ACTIVATION_ATTEMPTS; attempt++) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    if (Table?.TableStatus === 'ACTIVE') return Table;
    await new Promise((resolve) => setTimeout(resolve, ACTIVATION_PAUSE_MS));
  }
  throw new Error(`The table ${name} was left half created. Reset the local state.`);
}

type Keys = readonly { readonly AttributeName?: string | undefined }[] | undefined;
interface TableShape {
  readonly KeySchema?: Keys;
  readonly GlobalSecondaryIndexes?: readonly { readonly IndexName?: string; readonly KeySchema?: Keys }[];
}

function shapeOf(table: unknown): string {
  const { KeySchema, GlobalSecondaryIndexes = [] } = (table ?? {}) as TableShape;
  const names = (keys: Keys) => (keys ?? []).map(({ AttributeName }) => AttributeName);
  const indexes = GlobalSecondaryIndexes.map((index) => [index.IndexName, names(index.KeySchema)]);
  return JSON.stringify([names(KeySchema), indexes.sort()]);
}

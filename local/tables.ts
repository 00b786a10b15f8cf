import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb';
import { REGION } from './physical-names.ts';
import type { Principal } from './principals.ts';
import type { TablePlan } from './stack-plan.ts';

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
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    if (shapeOf(Table) !== shapeOf(definition)) {
      throw new Error(
        `The table ${name} exists with other keys or indexes than the template says. Reset the local state.`,
      );
    }
  }
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

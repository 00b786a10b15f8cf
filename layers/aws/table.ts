import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { RetryableError } from '#contracts/errors';
import type { TableKey } from '#contracts/table-keys';
import { newDocumentClient } from './clients.ts';
import { dynamo, type Expression, placeholderFields, render } from './expression.ts';
import { askService, errorNameOf } from './service-errors.ts';
import type { StoredItem } from './stored-item.ts';

/** The one table. Every change below is one write on one item. */
export interface Table {
  readonly client: DynamoDBDocumentClient;
  readonly name: string;
}

export function openTable(name: string, client: DynamoDBDocumentClient = newDocumentClient()): Table {
  return { client, name };
}

/** Limits of DynamoDB, in bytes. */
const LONGEST_PK = 2048;
const LONGEST_SK = 1024;

/** DynamoDB refuses to look under a key that no item can have; callers choose some parts of keys. */
function canExist({ pk, sk }: TableKey): boolean {
  return sk !== '' && Buffer.byteLength(pk) <= LONGEST_PK && Buffer.byteLength(sk) <= LONGEST_SK;
}

/** The item; reads what was written last. */
export async function getItem(table: Table, key: TableKey): Promise<StoredItem | undefined> {
  if (!canExist(key)) return undefined;
  const { Item } = await ask(table, 'GetItem', () =>
    table.client.send(new GetCommand({ TableName: table.name, Key: onlyKey(key), ConsistentRead: true })),
  );
  return Item as StoredItem | undefined;
}

/** Writes the item, whatever was there. */
export async function putItem(table: Table, item: StoredItem): Promise<void> {
  await ask(table, 'PutItem', () =>
    table.client.send(new PutCommand({ TableName: table.name, Item: { ...item } })),
  );
}

/**
 * Writes the item where the condition holds for what is stored. False, and nothing written, where it does not.
 * @param abortSignal ends the request, and all tries of it, with an AbortError: whether it was written is not known then
 */
export async function putItemIf(
  table: Table,
  item: StoredItem,
  condition: Expression,
  abortSignal?: AbortSignal,
): Promise<boolean> {
  const placeholders = { names: {}, values: {} };
  const ConditionExpression = render(condition, placeholders);
  const put = new PutCommand({
    TableName: table.name,
    Item: { ...item },
    ConditionExpression,
    ...placeholderFields(placeholders),
  });
  const options = abortSignal ? { abortSignal } : {};
  return (await conditional(table, 'PutItem', () => table.client.send(put, options))) !== undefined;
}

/** Writes the item where its key is free. */
export function putItemIfAbsent(table: Table, item: StoredItem): Promise<boolean> {
  return putItemIf(table, item, dynamo`attribute_not_exists(#pk)`);
}

/** Changes the item where the condition holds; returns the changed one, or undefined where it did not hold. */
export async function updateItemIf(
  table: Table,
  key: TableKey,
  change: Expression,
  condition: Expression,
): Promise<StoredItem | undefined> {
  const placeholders = { names: {}, values: {} };
  const update = new UpdateCommand({
    TableName: table.name,
    Key: onlyKey(key),
    UpdateExpression: render(change, placeholders),
    ConditionExpression: render(condition, placeholders),
    ...placeholderFields(placeholders),
    ReturnValues: 'ALL_NEW',
  });
  const updated = await conditional(table, 'UpdateItem', () => table.client.send(update));
  return updated?.Attributes as StoredItem | undefined;
}

/** Deletes the item where the condition holds. False where it did not. */
export async function deleteItemIf(table: Table, key: TableKey, condition: Expression): Promise<boolean> {
  const placeholders = { names: {}, values: {} };
  const ConditionExpression = render(condition, placeholders);
  const deletion = new DeleteCommand({
    TableName: table.name,
    Key: onlyKey(key),
    ConditionExpression,
    ...placeholderFields(placeholders),
  });
  return (await conditional(table, 'DeleteItem', () => table.client.send(deletion))) !== undefined;
}

/** A whole item is a key too where TypeScript is concerned; to DynamoDB it is not. */
const onlyKey = ({ pk, sk }: TableKey): { pk: string; sk: string } => ({ pk, sk });

/** Asks the table; see {@link askService} for what is thrown. */
export function ask<T>(table: Table, operation: string, request: () => Promise<T>): Promise<T> {
  return askService({ operation, resource: table.name }, request);
}

async function conditional<T>(
  table: Table,
  operation: string,
  write: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await ask(table, operation, write);
  } catch (error) {
    if (errorNameOf(error) === 'ConditionalCheckFailedException') return undefined;
    throw error;
  }
}

/** More than the racers that one item ever sees; each lost race means that another one has won. */
const MOST_RACES = 100;

/**
 * Repeats read, decision and conditional write until a write holds. `attempt` returns undefined where somebody else
 * changed the item between its read and its write.
 */
export async function untilSettled<T extends object | string | boolean>(
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  for (let race = 0; race < MOST_RACES; race++) {
    const outcome = await attempt();
    if (outcome !== undefined) return outcome;
  }
  throw new RetryableError('CONTENDED', 'An item changes faster than it can be written.');
}

import { z } from 'zod';
import { type AccessToken, accessToken } from '#contracts/access';
import { accessTokenKey, accessTokenOfUserKey, accessTokensPartition } from '#contracts/access-keys';
import { NotFoundError } from '#contracts/errors';
import type { ObjectId } from '#contracts/schema';
import type { AccessTokenStore } from '#platform/access/users';
import { dynamo } from './expression.ts';
import { itemCodec, type StoredItem } from './stored-item.ts';
import { getItem, putItem, putItemIfAbsent, type Table, updateItemIf } from './table.ts';
import { getItems, readPages } from './table-reads.ts';

const codec = itemCodec<AccessToken>('token', accessToken);
const ofUser = itemCodec('token of a user', z.strictObject({ hash: z.string() }));
const tokenKeyOf = (item: StoredItem) => accessTokenKey(ofUser.decode(item).hash);

/** Tokens in the table, by their hash; beside each an item by which its user's tokens are listed. */
export function accessTokenStore(table: Table): AccessTokenStore {
  const find = async (hash: string) => {
    const item = await getItem(table, accessTokenKey(hash));
    return item && codec.decode(item);
  };
  return {
    create: async (created) => {
      const { hash, userId, id } = created;
      // Written first: what works can be listed, and so be revoked.
      await putItem(table, ofUser.encode({ hash }, accessTokenOfUserKey(userId, id)));
      await putItemIfAbsent(table, codec.encode(created, accessTokenKey(hash)));
    },
    find,
    get: async (userId, tokenId) => {
      const item = await getItem(table, accessTokenOfUserKey(userId, tokenId));
      return item && find(ofUser.decode(item).hash);
    },
    listForUser: (userId) => listForUser(table, userId),
    revoke: async ({ hash, id }, at) => {
      const revoked = await updateItemIf(
        table,
        accessTokenKey(hash),
        dynamo`SET #revokedAt = if_not_exists(#revokedAt, ${at})`,
        dynamo`attribute_exists(#pk)`,
      );
      if (!revoked) throw new NotFoundError('token', id);
    },
  };
}

async function listForUser(table: Table, userId: ObjectId): Promise<AccessToken[]> {
  const tokens: AccessToken[] = [];
  for await (const page of readPages(table, { partition: accessTokensPartition(userId) })) {
    const found = await getItems(table, page.map(tokenKeyOf));
    for (const item of found.values()) tokens.push(codec.decode(item));
  }
  return tokens.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
}

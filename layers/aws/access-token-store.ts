import { type AccessToken, accessToken } from '#contracts/access';
import { NotFoundError } from '#contracts/errors';
import { accessTokenKey, accessTokensIndexKey, accessTokensPartition } from '#contracts/table-keys';
import type { AccessTokenStore } from '#platform/access/users';
import { dynamo } from './expression.ts';
import { itemCodec } from './stored-item.ts';
import { getItem, putItemIfAbsent, type Table, updateItemIf } from './table.ts';
import { itemsOf, readIndexPages } from './table-reads.ts';

const codec = itemCodec<AccessToken>('token', accessToken);

/** Tokens in the table, by their hash. */
export function accessTokenStore(table: Table): AccessTokenStore {
  const listForUser = async (userId: string) => {
    const tokens: AccessToken[] = [];
    const range = { partition: accessTokensPartition(userId) };
    for await (const item of itemsOf(readIndexPages(table, range))) tokens.push(codec.decode(item));
    return tokens;
  };
  return {
    create: async (created) => {
      const { hash, userId, id } = created;
      await putItemIfAbsent(
        table,
        codec.encode(created, { ...accessTokenKey(hash), ...accessTokensIndexKey(userId, id) }),
      );
    },
    find: async (hash) => {
      const item = await getItem(table, accessTokenKey(hash));
      return item && codec.decode(item);
    },
    listForUser,
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

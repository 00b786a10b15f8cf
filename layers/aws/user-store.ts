import { z } from 'zod';
import { type User, user } from '#contracts/access';
import { USERS_PARTITION, userEmailKey, userKey } from '#contracts/access-keys';
import { ConflictError, NotFoundError } from '#contracts/errors';
import { type ObjectId, objectId } from '#contracts/schema';
import type { UserStore } from '#platform/access/users';
import { dynamo } from './expression.ts';
import { itemCodec } from './stored-item.ts';
import { deleteItemIf, getItem, putItemIf, putItemIfAbsent, type Table, updateItemIf } from './table.ts';
import { decodedItems, readPages } from './table-reads.ts';

const codec = itemCodec<User>('user', user);

/** An address belongs to one user, from before the user of that id is written. */
const emailClaim = z.strictObject({ email: z.string(), userId: objectId });
const emailClaims = itemCodec('e-mail address', emailClaim);

/** Users in the table, in one partition: a team is small. */
export function userStore(table: Table): UserStore {
  const get = async (userId: ObjectId) => {
    const item = await getItem(table, userKey(userId));
    return item && codec.decode(item);
  };
  const findByEmail = async (email: string) => {
    const claim = await getItem(table, userEmailKey(email));
    return claim && get(emailClaims.decode(claim).userId);
  };
  return {
    get,
    findByEmail,
    create: async (created) => {
      await claimEmail(table, created, get);
      await putItemIfAbsent(table, codec.encode(created, userKey(created.id)));
    },
    list: () => Array.fromAsync(decodedItems(codec, readPages(table, { partition: USERS_PARTITION }))),
    changeRole: async (userId, role) => {
      const changed = await updateItemIf(
        table,
        userKey(userId),
        dynamo`SET #role = ${role}`,
        dynamo`attribute_exists(#pk)`,
      );
      if (!changed) throw new NotFoundError('user', userId);
    },
    delete: async (userId) => {
      const known = await get(userId);
      if (!known) return;
      await deleteItemIf(table, userKey(userId), dynamo`attribute_exists(#pk)`);
      await deleteItemIf(table, userEmailKey(known.email), dynamo`#userId = ${userId}`);
    },
  };
}

/** Takes the address, also from a user who is gone: one that was deleted, or never written. */
async function claimEmail(
  table: Table,
  { id, email }: User,
  get: (userId: ObjectId) => Promise<User | undefined>,
): Promise<void> {
  const key = userEmailKey(email);
  const claim = emailClaims.encode({ email, userId: id }, key);
  if (await putItemIfAbsent(table, claim)) return;
  const item = await getItem(table, key);
  const holder = item && emailClaims.decode(item).userId;
  if (holder === id) return;
  const isFree = holder === undefined || (await get(holder)) === undefined;
  if (
    isFree &&
    (await putItemIf(table, claim, dynamo`attribute_not_exists(#pk) OR #userId = ${holder ?? id}`))
  ) {
    return;
  }
  throw new ConflictError(`A member with the e-mail address '${email}' exists. Choose another address.`);
}

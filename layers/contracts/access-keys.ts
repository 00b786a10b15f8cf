import { single, type TableKey } from './table-keys.ts';

/** Keys of users, their tokens and what is shared with them, beside those in `table-keys.ts`. */

export const USERS_PARTITION = 'USERS';
export const userKey = (id: string): TableKey => ({ pk: USERS_PARTITION, sk: id });
export const userEmailKey = (email: string): TableKey => single('USER_EMAIL', email.toLowerCase());
export const accessTokenKey = (hash: string): TableKey => single('TOKEN', hash);
export const accessTokensPartition = (userId: string): string => `TOKENS#${userId}`;
/** Names the token's hash, so that a token is found by its user and id. */
export const accessTokenOfUserKey = (userId: string, tokenId: string): TableKey => ({
  pk: accessTokensPartition(userId),
  sk: tokenId,
});
export const sharedAccessPartition = (datasetId: string): string => `ACCESS#${datasetId}`;
export const sharedAccessKey = (datasetId: string, id: string): TableKey => ({
  pk: sharedAccessPartition(datasetId),
  sk: id,
});
/** Datasets that are shared with somebody, by what the sharing names: an e-mail address, or an id. */
export const sharedWithPartition = (name: string): string => `SHARED_WITH#${name.toLowerCase()}`;
export const sharedWithKey = (name: string, datasetId: string): TableKey => ({
  pk: sharedWithPartition(name),
  sk: datasetId,
});

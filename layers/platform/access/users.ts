import type { AccessToken, SharedAccess, User } from '#contracts/access';
import type { ObjectId } from '#contracts/schema';

/** People and service accounts as they are kept. The administrator is not kept: the deployment's token is theirs. */
export interface UserStore {
  /** @throws ConflictError where the e-mail address belongs to somebody. */
  create(user: User): Promise<void>;
  get(userId: ObjectId): Promise<User | undefined>;
  findByEmail(email: string): Promise<User | undefined>;
  /** Oldest first. */
  list(): Promise<User[]>;
  /** @throws NotFoundError */
  changeRole(userId: ObjectId, role: User['role']): Promise<void>;
  /** Their tokens stop to work. Does nothing where there is no such user. */
  delete(userId: ObjectId): Promise<void>;
}

/** Tokens as they are kept: never the token itself, only its hash. */
export interface AccessTokenStore {
  create(token: AccessToken): Promise<void>;
  /** @param hash lower-case hex SHA-256 of the token */
  find(hash: string): Promise<AccessToken | undefined>;
  get(userId: ObjectId, tokenId: ObjectId): Promise<AccessToken | undefined>;
  /** Oldest first, revoked and expired ones included. */
  listForUser(userId: ObjectId): Promise<AccessToken[]>;
  /** Does nothing where it is revoked already. @throws NotFoundError */
  revoke(token: Pick<AccessToken, 'hash' | 'id'>, at: number): Promise<void>;
}

/** With whom datasets are shared, as it is kept. */
export interface SharedAccessStore {
  put(access: SharedAccess): Promise<void>;
  /** Oldest first. */
  list(datasetId: ObjectId): Promise<SharedAccess[]>;
  /** Does nothing where there is none. */
  delete(datasetId: ObjectId, accessId: ObjectId): Promise<void>;
  deleteAll(datasetId: ObjectId): Promise<void>;
  /**
   * Datasets that may be shared with one of these, newest first: {@link list} has the last word.
   * @param names e-mail addresses or ids
   */
  listSharedWith(names: readonly string[]): Promise<ObjectId[]>;
}

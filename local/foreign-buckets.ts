import { AccessError } from './access-error.ts';
import type { PolicyDocument } from './access-policy.ts';
import { ACCOUNT_ID } from './physical-names.ts';

/** A bucket outside the stack, with what the buckets of other people have. */
export interface ForeignBucket {
  readonly name: string;
  /** The account that owns it: others need its policy. @default whoever asks */
  readonly accountId?: string;
  /** Requests that are signed for another region are refused. @default any */
  readonly region?: string;
  /** What its policy says beside those of identities. @default nothing */
  readonly policy?: PolicyDocument;
  /** ARN of the key that encrypts what is put there. @default none */
  readonly kmsKey?: string;
  /** Who is not of its account has to say that they pay. @default false */
  readonly requesterPays?: boolean;
  /** Keeps what is overwritten or deleted, until the process ends. @default false */
  readonly versioned?: boolean;
  /** Name or ARN of the bus of the stack that its events come to by EventBridge. @default none */
  readonly eventBus?: string;
  /** How long what is put or deleted is not seen in listings, ms. @default 0 */
  readonly listingLagMs?: number;
}

/** Buckets outside the stack, as their accounts change them while the cloud runs. */
export interface ForeignBuckets {
  /** Makes a bucket, or changes one. What is in it stays. */
  readonly set: (bucket: ForeignBucket | string) => void;
  /** It is not there any more for anybody. */
  readonly delete: (name: string) => void;
}

export interface KnownBuckets extends ForeignBuckets {
  /** What is known of a bucket; of one of the stack, its name only. @throws AccessError where it was deleted */
  readonly describe: (name: string) => ForeignBucket;
  /** The account that owns it. */
  readonly ownerOf: (name: string) => string;
}

/** @param make called with the name of each new bucket, before it is used */
export function createKnownBuckets(make: (name: string) => void): KnownBuckets {
  const known = new Map<string, ForeignBucket>();
  const deleted = new Set<string>();
  return {
    set: (bucket) => {
      const described = typeof bucket === 'string' ? { name: bucket } : bucket;
      make(described.name);
      deleted.delete(described.name);
      known.set(described.name, described);
    },
    delete: (name) => deleted.add(name),
    describe: (name) => {
      if (deleted.has(name))
        throw new AccessError('NoSuchBucket', 'The specified bucket does not exist', 404);
      return known.get(name) ?? { name };
    },
    ownerOf: (name) => known.get(name)?.accountId ?? ACCOUNT_ID,
  };
}

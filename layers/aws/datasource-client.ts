import type { S3Client } from '@aws-sdk/client-s3';
import { RetryableError } from '#contracts/errors';
import { errorNameOf, statusOf } from './service-errors.ts';

/** What the objects of a datasource are reached with. */
export interface DatasourceClient {
  readonly client: S3Client;
  /** When its credentials began and end (ms), where they do. */
  readonly madeAt?: number;
  readonly expiresAt?: number;
  /** Another one in its place, with a session of its own, where sessions can be had. */
  readonly renew?: () => Promise<DatasourceClient>;
}

/** A URL that is signed with a session dies with it: what is left of one must be worth a URL. */
const SHORTEST_LEFT_MS = 20 * 60 * 1000;
/** Of sessions that are short anyway, as a share of their time. */
const SHORTEST_LEFT_SHARE = 1 / 3;

/** False from some time before the end of its session. */
export function lastsFor({ madeAt = 0, expiresAt }: DatasourceClient, now: number): boolean {
  if (expiresAt === undefined) return true;
  return expiresAt - now > Math.min(SHORTEST_LEFT_MS, (expiresAt - madeAt) * SHORTEST_LEFT_SHARE);
}

/** A client whose session is renewed without its users knowing. */
export interface LastingClient {
  /** The client, with a session that is worth something. */
  current(): Promise<DatasourceClient>;
  /** Carries out a request; once more with a new session where the one that it had may be what was refused. */
  ask<T>(request: (client: S3Client) => Promise<T>): Promise<T>;
}

/** @param now ms */
export function lastingClient(given: DatasourceClient, now: () => number): LastingClient {
  let client = given;
  const current = async (): Promise<DatasourceClient> => {
    if (!client.renew || lastsFor(client, now())) return client;
    try {
      client = await client.renew();
    } catch (error) {
      const isOver = (client.expiresAt ?? 0) <= now();
      if (isOver || !(error instanceof RetryableError)) throw error;
    }
    return client;
  };
  return {
    current,
    ask: async (request) => {
      const used = await current();
      try {
        return await request(used.client);
      } catch (error) {
        if (!used.renew || !mayBeTheSession(error, now() - (used.madeAt ?? 0))) throw error;
        client = await used.renew();
        return request(client.client);
      }
    },
  };
}

const SESSION_REFUSED = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidAccessKeyId',
  'InvalidToken',
  'TokenRefreshRequired',
]);
/**
 * A session that its owner has revoked, or whose role is gone, is denied like everything that a policy forbids. So that is
 * what a session of some age is asked about, and a younger one is believed: not every denial costs a session.
 */
const BELIEVED_MS = 30_000;

function mayBeTheSession(error: unknown, ageMs: number): boolean {
  if (SESSION_REFUSED.has(errorNameOf(error) ?? '')) return true;
  return statusOf(error) === 403 && errorNameOf(error) !== 'InvalidObjectState' && ageMs > BELIEVED_MS;
}

import type { IncomingHttpHeaders } from 'node:http';
import { AccessError } from './access-error.ts';
import { type Access, decide } from './access-policy.ts';
import type { ForeignBucket, KnownBuckets } from './foreign-buckets.ts';
import type { Gate } from './gate.ts';
import { ACCOUNT_ID, REGION } from './physical-names.ts';
import { accountOf, type Principal, principalArns } from './principals.ts';

/** A request as far as the rules of a bucket look at it. */
export interface BucketRequest {
  readonly principal: Principal;
  readonly bucket: ForeignBucket;
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
}

/** The account of this machine stands for the owner of each bucket: tests fill buckets with its keys. */
const isOperator = ({ policies }: Principal): boolean => policies === undefined;

/** Presigned URLs have headers among their parameters. */
const parameter = ({ headers, query }: BucketRequest, name: string): string | undefined => {
  const header = headers[name];
  return typeof header === 'string' ? header : (query.get(name) ?? undefined);
};

/** What S3 refuses whatever policies say. @throws AccessError */
export function checkBucket(request: BucketRequest, buckets: Pick<KnownBuckets, 'ownerOf'>): void {
  const { principal, bucket } = request;
  const expectedOwner = parameter(request, 'x-amz-expected-bucket-owner');
  if (expectedOwner !== undefined && expectedOwner !== buckets.ownerOf(bucket.name))
    throw denied('Access Denied');
  const region = signedRegion(request);
  if (bucket.region !== undefined && region !== undefined && region !== bucket.region) {
    const reason = `The authorization header is malformed; the region '${region}' is wrong; expecting '${bucket.region}'`;
    throw new AccessError('AuthorizationHeaderMalformed', reason, 400);
  }
  const isOwner = isOperator(principal) || accountOf(principal) === buckets.ownerOf(bucket.name);
  if (bucket.requesterPays && !isOwner && parameter(request, 'x-amz-request-payer') !== 'requester') {
    throw denied('Access Denied');
  }
}

function signedRegion({ headers, query }: BucketRequest): string | undefined {
  const credential =
    query.get('X-Amz-Credential') ?? /Credential=([^,]+)/.exec(headers.authorization ?? '')?.[1];
  return credential?.split('/')[2];
}

/** What the policies of the caller and of the bucket let happen. @throws AccessError */
export function authorizeInBucket(
  { principal, bucket }: Pick<BucketRequest, 'principal' | 'bucket'>,
  accesses: readonly Access[],
  gate: Gate,
): void {
  const { policy, accountId } = bucket;
  const isForeign = !isOperator(principal) && accountId !== undefined && accountId !== accountOf(principal);
  // Why it is denied S3 tells nobody of other accounts.
  if (isForeign && !accesses.every((access) => gate.permits(principal, access)))
    throw denied('Access Denied');
  gate.authorize(principal, accesses);
  if (isOperator(principal)) return;
  for (const access of accesses) {
    const said = policy ? decide([policy], access, principalArns(principal)) : 'silent';
    if (isForeign && said !== 'allowed') throw denied('Access Denied');
    const why = `User: ${principal.arn} is not authorized to perform: ${access.action} on resource: "${access.resource}"`;
    if (said === 'denied') throw denied(`${why} with an explicit deny in a resource-based policy`);
  }
}

/**
 * What S3 asks KMS for in the caller's name. The policies of keys are not looked at: they leave it to those of identities,
 * as a key that is made in the console does.
 * @throws AccessError
 */
export function authorizeKey(
  principal: Principal,
  action: 'kms:Decrypt' | 'kms:GenerateDataKey',
  keyArn: string | undefined,
  gate: Gate,
): void {
  if (keyArn === undefined) return;
  const [, partition, , region = REGION, accountId = ACCOUNT_ID] = keyArn.split(':');
  const service = `s3.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`;
  const context = { 'kms:ViaService': service, 'kms:CallerAccount': accountId };
  if (gate.permits(principal, { action, resource: keyArn, context })) return;
  throw denied(
    `User: ${principal.arn} is not authorized to perform: ${action} on the resource associated with this ciphertext ` +
      `because no identity-based policy allows the ${action} action`,
  );
}

const denied = (reason: string): AccessError => new AccessError('AccessDenied', reason);

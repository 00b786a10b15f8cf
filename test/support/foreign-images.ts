import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { delegatedAccessAnswer, inputAnswer } from '#contracts/input-routes';
import type { BucketPrefix } from '#contracts/items';
import {
  type PolicyStatement,
  type RolePolicyRequest,
  rolePolicy,
  STATEMENT_IDS,
  type StatementName,
} from '#platform/datasources/delegated-access/role-policy';
import type { ForeignBucket } from '../../local/foreign-buckets.ts';
import { REGION } from '../../local/physical-names.ts';
import type { Flow } from './flow.ts';
import { ACCOUNT_OF_BUCKETS, localRole } from './local-access-target.ts';
import { eventually } from './local-stack.ts';

const PREFIX = '2026/';
const ROLE = 'WinnowReadsImages';
const RESULTS = { bucket: 'results-of-another-account', prefix: 'out/' };
const RESULTS_ROLE = 'WinnowWritesResults';
/** For one process of ingest or sync to hear of a change, on a machine that is busy. */
const MOST_WAITING_MS = 60_000;

/** A dataset whose images are in a bucket of another account, which tells of changes by EventBridge. */
export async function foreignImages(flow: Flow, dataset: string, described: Omit<ForeignBucket, 'name'>) {
  const { cloud } = flow;
  const bucket = 'photo-archive-of-another-account';
  const change = (more: Omit<ForeignBucket, 'name'>) => {
    const eventBus = cloud.outputs.EventBusArn ?? '';
    const own = { name: bucket, accountId: ACCOUNT_OF_BUCKETS, eventBus };
    cloud.foreignBuckets.set({ ...own, ...described, ...more });
  };
  change({});
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const { apiUrl, token } = cloud.connection;
    const response = await fetch(new URL(path, apiUrl), {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  };
  const { id } = (await flow.client.datasets.findByName(dataset))!;
  const own = `winnow/v1/datasets/${id}/input`;
  const { externalId } = delegatedAccessAnswer.parse(await call('GET', `${own}/delegated-access`));
  const roleWith = (
    name: string,
    request: Pick<RolePolicyRequest, 'place' | 'purpose' | 'kmsKey'>,
    without: readonly StatementName[],
    agreed = externalId,
  ) => {
    const all = rolePolicy({ region: REGION, objectTags: true, ...request });
    const statements: PolicyStatement[] = all.filter(
      ({ Sid }) => !without.some((missing) => STATEMENT_IDS[missing] === Sid),
    );
    return localRole({ name, externalId: agreed, statements });
  };
  const role = (without: readonly StatementName[], agreed?: string) => {
    const place = { bucket, prefix: PREFIX };
    return roleWith(ROLE, { place, purpose: 'INPUT', kmsKey: described.kmsKey }, without, agreed);
  };
  const resultsRole = (without: readonly StatementName[]) =>
    roleWith(RESULTS_ROLE, { place: RESULTS, purpose: 'LIGHTLY' }, without);
  const configure = (purpose: 'INPUT' | 'LIGHTLY', place: BucketPrefix, s3ARN: string) =>
    call('PUT', `v1/datasets/${id}/datasource`, {
      ...{ type: 'S3DelegatedAccess', purpose, fullPath: `s3://${place.bucket}/${place.prefix}` },
      ...{ s3Region: REGION, s3ARN, s3ExternalId: externalId },
    });
  const status = async () => inputAnswer.parse(await call('GET', own));
  const setRole = (without: readonly StatementName[] = []) => cloud.foreignRoles.set(role(without));
  const deleteRole = () => cloud.foreignRoles.delete(role([]).arn);
  return {
    id,
    bucket,
    /** What the bucket is beside what it was described as; without anything, that only. */
    change,
    status,
    setRole,
    deleteRole,
    /** Ends the sessions of the role, which asks for another external ID from now on. */
    replaceExternalId: (agreed: string) => {
      deleteRole();
      cloud.foreignRoles.set(role([], agreed));
    },
    put: (name: string, Body: Uint8Array | string, more: Partial<PutObjectCommand['input']> = {}) =>
      flow.client.s3.send(new PutObjectCommand({ Bucket: bucket, Key: PREFIX + name, Body, ...more })),
    remove: (name: string) =>
      flow.client.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: PREFIX + name })),
    connect: () => configure('INPUT', { bucket, prefix: PREFIX }, role([]).arn),
    /** Has what is made of images written to another bucket of that account, by a role of its own. */
    connectResults: async (without: readonly StatementName[]) => {
      cloud.foreignBuckets.set({ name: RESULTS.bucket, accountId: ACCOUNT_OF_BUCKETS });
      cloud.foreignRoles.set(resultsRole(without));
      await configure('LIGHTLY', RESULTS, resultsRole([]).arn);
    },
    setResultsRole: () => cloud.foreignRoles.set(resultsRole([])),
    /** What reconcile does every few minutes. */
    reconcile: async () => {
      await cloud.invoke('reconcile', {});
      await cloud.idle();
      return status();
    },
    /** Has everything listed and compared. */
    sync: () => call('POST', `winnow/v1/datasets/${id}/sync`, { thorough: true }),
    registered: (name: string) => flow.client.rawSamples.get(id, name),
    /** What reconcile does every few minutes, until it has found out that all is well and nothing waits any more. */
    untilWell: () =>
      eventually(
        async () => {
          await cloud.invoke('reconcile', {});
          await cloud.idle();
          return status();
        },
        ({ problem, counts }) => problem === undefined && counts.held === 0,
        MOST_WAITING_MS,
      ),
  };
}
export type ForeignImages = Awaited<ReturnType<typeof foreignImages>>;

import { randomUUID } from 'node:crypto';
import { ListObjectsV2Command, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { DatasourceConfig } from '#contracts/datasources';
import type { HeldEvent } from '#contracts/held-events';
import type { ObjectEvent } from '#contracts/object-event';
import { datasetSettings } from '#contracts/settings';
import type { DatasetSync } from '#contracts/syncs';
import { newLandingDataset } from '#platform/datasets/datasets';
import { policyDocument } from '../../local/access-policy.ts';
import type { ForeignBucket } from '../../local/foreign-buckets.ts';
import type { RolePlan } from '../../local/plan-types.ts';
import { collect } from './documents.ts';
import { deliverBody, startIngestStage } from './ingest-stage.ts';
import { FIRST_DELIVERY } from './lambda-invocation.ts';
import { landing } from './landing.ts';
import { clientsOf, startFixture } from './local-stack.ts';
import { noteListed } from './noted-sync.ts';

/** That roles ask for, unless told otherwise. */
export const EXTERNAL_ID = 'agreed-external-id';
/** What a role that is lent for INPUT may, with tags. */
export const READ = ['s3:ListBucket', 's3:GetObject', 's3:GetObjectVersion', 's3:GetObjectTagging', 'kms:*'];
/** ... and for LIGHTLY. */
export const WRITE = [...READ, 's3:PutObject', 's3:DeleteObject'];

/** A role of another account. @param trusted the external ID that it asks for */
export function foreignRole(
  name: string,
  actions: readonly string[] = READ,
  trusted = EXTERNAL_ID,
): RolePlan {
  const arn = `arn:aws:iam::000000000000:role/${name}`;
  const trust = {
    ...{ Effect: 'Allow', Action: 'sts:AssumeRole' },
    Principal: { AWS: 'arn:aws:iam::000000000000:root' },
    Condition: { StringEquals: { 'sts:ExternalId': trusted } },
  };
  return {
    ...{ arn, name, maximumSessionSeconds: 43_200 },
    trust: policyDocument.parse({ Statement: trust }),
    policies: [policyDocument.parse({ Statement: { Effect: 'Allow', Action: [...actions], Resource: '*' } })],
  };
}

/** The ingest stage, and buckets of another account that check signatures, sessions and permissions. */
export async function startIngestWorld() {
  const cloud = await startFixture({});
  const { endpoints, region, accessKeyId, secretAccessKey } = cloud.connection;
  const common = { region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 };
  const stage = await startIngestStage({
    datasourceServers: {
      s3: { ...common, endpoint: endpoints.s3, forcePathStyle: true },
      sts: { ...common, endpoint: endpoints.sts },
    },
  });
  // Sessions end by the clock of the cloud.
  stage.clock.now = Date.now();
  const { s3 } = clientsOf(cloud);
  const { stores, datasets, buckets, clock } = stage;
  let made = 0;
  /** What a process keeps for some seconds is read again. */
  const forget = () => {
    clock.now += 5_000;
  };
  /** As the API does it. */
  const connectUnlisted = async (datasetId: string, ...configs: DatasourceConfig[]) => {
    const version = ((await stores.datasources.get(datasetId))?.version ?? 0) + 1;
    await stores.datasources.replace({ datasetId, version, configs, lastModifiedAt: clock.now });
    const [bucket = ''] = (configs[0]?.fullPath ?? '').replace('s3://', '').split('/');
    await stores.inputBuckets.add(bucket, datasetId);
  };
  /** As the stage sync does it. */
  const listed = (datasetId: string, change?: Partial<DatasetSync>) =>
    noteListed(datasetId, clock.now, { datasets, ...stores }, change);
  /** It is listed by then; what a process has kept for some seconds is still in use. */
  const connectJustNow: typeof connectUnlisted = async (datasetId, ...configs) => {
    await connectUnlisted(datasetId, ...configs);
    await listed(datasetId);
  };
  const connect: typeof connectJustNow = async (...args) => {
    await connectJustNow(...args);
    forget();
  };
  const deliverEvent = (event: ObjectEvent) =>
    deliverBody(JSON.stringify({ source: 'winnow', event }), stage.deps, FIRST_DELIVERY);
  /** A bucket that its owner fills; every change gives the record of its event. */
  const newBucket = (options: Omit<ForeignBucket, 'name'> = {}) => {
    const name = `foreign-${randomUUID()}`;
    cloud.foreignBuckets.set({ name, ...options });
    return landing(s3, name);
  };
  const newRole = (...args: [actions?: readonly string[], trusted?: string]): RolePlan => {
    const role = foreignRole(`role-${++made}`, ...args);
    cloud.foreignRoles.set(role);
    return role;
  };
  /** A dataset whose images are where the configs say. */
  const newDataset = async (...configs: DatasourceConfig[]): Promise<string> => {
    const name = `dataset-${++made}`;
    const { id } = await datasets.ensure(name, (newId) => newLandingDataset(newId, name, buckets, clock.now));
    if (configs.length > 0) await connect(id, ...configs);
    return id;
  };
  const fileOf = (datasetId: string, fileName: string) => stage.deps.rawSamples.get(datasetId, fileName);
  return {
    ...{
      stage,
      cloud,
      s3,
      connect,
      connectJustNow,
      connectUnlisted,
      listed,
      deliverEvent,
      forget,
      newBucket,
      newRole,
      newDataset,
      fileOf,
    },
    deliver: stage.deliver,
    /** A dataset with a bucket of its own that its owner lends: its images are in the folder `in`. */
    connected: async (options: Omit<ForeignBucket, 'name'> = {}) => {
      const bucket = newBucket(options);
      const role = newRole();
      const datasetId = await newDataset(delegatedTo(role, `${bucket.bucket}/in`));
      return {
        ...{ bucket, role, datasetId },
        put: (file: string, bytes: Uint8Array, written?: Partial<PutObjectCommandInput>) =>
          bucket.put(`in/${file}`, bytes, written),
        file: (name: string) => fileOf(datasetId, name),
      };
    },
    configure: async (datasetId: string, document: unknown) => {
      const { settingsVersion } = (await datasets.get(datasetId))!;
      await datasets.replaceSettings(datasetId, datasetSettings.parse(document), settingsVersion);
      forget();
    },
    nameOf: async (datasetId: string) => (await datasets.get(datasetId))?.name ?? '',
    filesOf: async (datasetId: string) =>
      (await collect(stage.deps.rawSamples.list(datasetId))).map(({ fileName }) => fileName).sort(),
    heldOf: (datasetId: string): Promise<HeldEvent[]> => collect(stores.heldEvents.list(datasetId)),
    keysIn: async (bucket: string) =>
      ((await s3.send(new ListObjectsV2Command({ Bucket: bucket }))).Contents ?? []).map(
        ({ Key = '' }) => Key,
      ),
    /** As the stage sync does it once access is back or a pause is over. */
    release: async (datasetId: string, order: (held: HeldEvent[]) => HeldEvent[] = (held) => held) => {
      forget();
      for (const held of order(await collect(stores.heldEvents.list(datasetId)))) {
        await deliverEvent(held.event);
        await stores.heldEvents.release(held);
      }
    },
    stop: async () => {
      await stage.stop();
      await cloud.close();
    },
  };
}
export type IngestWorld = Awaited<ReturnType<typeof startIngestWorld>>;

/** By a role, as its owner lends it. */
export const delegatedTo = (
  role: RolePlan,
  path: string,
  change: { readonly purpose?: 'INPUT' | 'LIGHTLY' | 'INPUT_OUTPUT'; readonly s3ExternalId?: string } = {},
): DatasourceConfig => ({
  ...{ type: 'S3DelegatedAccess', purpose: 'INPUT', fullPath: `s3://${path}`, s3Region: 'eu-central-1' },
  ...{ s3ARN: role.arn, s3ExternalId: EXTERNAL_ID },
  ...change,
});

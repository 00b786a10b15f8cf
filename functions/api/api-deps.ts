import { setTimeout } from 'node:timers/promises';
import { accessTokenStore } from '#aws/access-token-store';
import { artifactStore } from '#aws/artifact-store';
import type { S3Client, SQSClient } from '#aws/clients';
import { datasetContents } from '#aws/dataset-contents';
import { datasetStore } from '#aws/dataset-store';
import { datasourceStateStore } from '#aws/datasource-state-store';
import { datasourceStore, delegatedRoleStore } from '#aws/datasource-store';
import { embeddingStore } from '#aws/embedding-store';
import { exportStore } from '#aws/export-store';
import { heldEventStore } from '#aws/held-event-store';
import { inputBucketStore } from '#aws/input-bucket-store';
import { jobStore } from '#aws/job-store';
import { metadataConfigurationStore } from '#aws/metadata-configuration-store';
import { predictionStore } from '#aws/prediction-store';
import { rawSampleStore } from '#aws/raw-sample-store';
import { runLogStore } from '#aws/run-log-store';
import { runStore } from '#aws/run-store';
import { objectStore } from '#aws/s3-objects';
import { sampleAvailability } from '#aws/sample-availability';
import { sampleStore } from '#aws/sample-store';
import { scheduledRunStore } from '#aws/scheduled-run-store';
import { scoreStore } from '#aws/score-store';
import { sharedAccessStore } from '#aws/shared-access-store';
import { messageSender } from '#aws/sqs-sender';
import { syncStore } from '#aws/sync-store';
import type { Table } from '#aws/table';
import { tagStore } from '#aws/tag-store';
import { uploadStore } from '#aws/upload-store';
import { readUrlSigner, writeUrlSigner } from '#aws/url-signers';
import { userStore } from '#aws/user-store';
import { workerConfigStore } from '#aws/worker-config-store';
import { workerStore } from '#aws/worker-store';
import { jobMessage } from '#contracts/jobs';
import { runMessage } from '#contracts/messages';
import { syncMessage } from '#contracts/syncs';
import type { Telemetry } from '#contracts/telemetry';
import type { ReadSecret } from '#platform/access/authenticate';
import { publicTokens } from '#platform/access/public-tokens';
import { externalIds } from '#platform/datasources/configuration/external-ids';
import { datasetImages } from '#platform/datasources/dataset-images';
import { relevantLists } from '#platform/datasources/listing/relevant-lists';
import { type StoreServers, storeConnections } from '#stores/store-connections';

/** The account in which Winnow is, and where events of buckets are taken. */
export interface Deployment {
  readonly accountId: string;
  readonly eventBusArn: string;
  readonly ingestQueueArn: string;
}

/** What the API is made with: what differs between Lambda, the local cloud and a test. */
export interface ApiResources {
  readonly table: Table;
  /** Undefined: made from the environment, as on Lambda. */
  readonly s3: S3Client | undefined;
  readonly sqs: SQSClient | undefined;
  /** Where S3 and STS are for datasources. @default as the SDK finds them */
  readonly datasourceServers?: StoreServers;
  readonly landingBucket: string;
  readonly platformBucket: string;
  readonly runQueueUrl: string;
  readonly jobQueueUrl: string;
  readonly syncQueueUrl: string;
  /** What people need to know to have their buckets report to this deployment. */
  readonly deployment: Deployment;
  readonly administratorToken: ReadSecret;
  readonly publicKey: () => Promise<string>;
  readonly telemetry: Telemetry;
  /** ms */
  readonly now: () => number;
}

/** 5 to 25 ms at first, in the end 5 to 205. */
export const jitteredPause = (timesBefore: number): Promise<void> =>
  setTimeout(5 + Math.random() * Math.min(200, 20 + 5 * timesBefore));

/** The ports that operations use; each file of operations takes those that it needs. */
export function apiDeps({ table, s3, sqs, now, ...resources }: ApiResources) {
  const { landingBucket, platformBucket, administratorToken, telemetry } = resources;
  const objects = objectStore(s3);
  const buckets = { landing: landingBucket, platform: platformBucket };
  const runs = runStore(table);
  const artifacts = artifactStore(table);
  return {
    datasets: datasetStore(table, now),
    datasetContents: datasetContents(table, objects, platformBucket),
    metadataConfigurations: metadataConfigurationStore(table),
    ...datasourceDeps({ ...resources, table, now }),
    sampleAvailability: sampleAvailability(table),
    deployment: resources.deployment,
    relevantLists: relevantLists({ runs, artifacts, objects, buckets }),
    rawSamples: rawSampleStore(table),
    samples: sampleStore(table),
    tags: tagStore(table, objects, platformBucket),
    embeddings: embeddingStore(table, objects, platformBucket),
    predictions: predictionStore(table, { objects, bucket: platformBucket }),
    scores: scoreStore(table, objects, platformBucket),
    runs,
    artifacts,
    scheduledRuns: scheduledRunStore(table),
    workerConfigs: workerConfigStore(table),
    workers: workerStore(table),
    uploads: uploadStore(table),
    runLogs: runLogStore(table),
    exports: exportStore(table),
    jobs: jobStore(table),
    users: userStore(table),
    tokens: accessTokenStore(table),
    sharedAccess: sharedAccessStore(table),
    publicTokens: publicTokens(resources.publicKey, now),
    objects,
    readUrls: readUrlSigner(s3),
    writeUrls: writeUrlSigner(s3),
    ...queueDeps({ ...resources, sqs }),
    ...{ buckets, administratorToken, telemetry, now },
    pause: jitteredPause,
  };
}

/** Of these, what is about where images come from. */
function datasourceDeps({
  table,
  publicKey,
  datasourceServers,
  now,
}: Pick<ApiResources, 'table' | 'publicKey' | 'datasourceServers' | 'now'>) {
  const datasources = datasourceStore(table);
  const datasourceConnections = storeConnections(datasourceServers, now);
  return {
    datasources,
    datasourceConnections,
    images: datasetImages({ datasources, datasourceConnections, now }),
    delegatedRoles: delegatedRoleStore(table),
    externalIds: externalIds(publicKey),
    inputBuckets: inputBucketStore(table, now),
    datasourceStates: datasourceStateStore(table),
    syncs: syncStore(table),
    heldEvents: heldEventStore(table),
  };
}

/** Of these, to whom work is given. */
const queueDeps = ({
  runQueueUrl,
  jobQueueUrl,
  syncQueueUrl,
  sqs,
}: Pick<ApiResources, 'runQueueUrl' | 'jobQueueUrl' | 'syncQueueUrl' | 'sqs'>) => ({
  runQueue: messageSender(runQueueUrl, runMessage, sqs),
  jobQueue: messageSender(jobQueueUrl, jobMessage, sqs),
  syncQueue: messageSender(syncQueueUrl, syncMessage, sqs),
});
export type ApiDeps = ReturnType<typeof apiDeps>;

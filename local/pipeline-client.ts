import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { datasetStore } from '#aws/dataset-store';
import { exportStore } from '#aws/export-store';
import { rawSampleStore } from '#aws/raw-sample-store';
import { runStore } from '#aws/run-store';
import { objectStore } from '#aws/s3-objects';
import { sampleStore } from '#aws/sample-store';
import { scheduledRunStore } from '#aws/scheduled-run-store';
import { tagStore } from '#aws/tag-store';
import type { LocalCloud } from './local-cloud.ts';
import { OWN_ENDPOINTS_ONLY } from './tables.ts';

/** The stores of a local cloud, seen from outside: what demo, tests and benchmarks set up and watch. */
export function pipelineClient(cloud: LocalCloud) {
  const { connection, tableName } = cloud;
  const { accessKeyId, secretAccessKey, region, endpoints } = connection;
  const common = { region, credentials: { accessKeyId, secretAccessKey }, ...OWN_ENDPOINTS_ONLY };
  const s3 = new S3Client({ ...common, endpoint: endpoints.s3, forcePathStyle: true });
  const dynamodb = new DynamoDBClient({ ...common, endpoint: endpoints.dynamodb });
  const table = { client: DynamoDBDocumentClient.from(dynamodb), name: tableName };
  const objects = objectStore(s3);
  return {
    s3,
    table,
    datasets: datasetStore(table),
    rawSamples: rawSampleStore(table),
    samples: sampleStore(table),
    runs: runStore(table),
    exports: exportStore(table),
    scheduledRuns: scheduledRunStore(table),
    tags: tagStore(table, objects, connection.buckets.platform),
    objects,
    buckets: connection.buckets,
    close: () => {
      s3.destroy();
      dynamodb.destroy();
    },
  };
}
export type PipelineClient = ReturnType<typeof pipelineClient>;

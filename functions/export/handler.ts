import { datasetStore } from '#aws/dataset-store';
import { datasourceStore } from '#aws/datasource-store';
import { exportStore } from '#aws/export-store';
import { runStore } from '#aws/run-store';
import { objectStore } from '#aws/s3-objects';
import { sampleStore } from '#aws/sample-store';
import { secretReader } from '#aws/secrets';
import { openTable } from '#aws/table';
import { tagStore } from '#aws/tag-store';
import { readUrlSigner } from '#aws/url-signers';
import { exportMessage } from '#contracts/messages';
import { parseJsonWith } from '#contracts/schema';
import { publicTokens } from '#platform/access/public-tokens';
import { unlessDeleted } from '#platform/datasets/unless-deleted';
import { datasetImages } from '#platform/datasources/dataset-images';
import { readConfig } from '#runtime/config';
import { observe } from '#runtime/observability';
import { sqsStage } from '#runtime/sqs-stage';
import { storeConnections } from '#stores/store-connections';
import { exportConfig } from './config.ts';
import type { ExportDeps } from './export-deps.ts';
import { writeExport } from './write-export.ts';

const config = readConfig(exportConfig);
const { platformBucket, exportsBucket, apiUrl } = config;
const table = openTable(config.table);
const objects = objectStore();
const datasources = datasourceStore(table);

const deps: ExportDeps = {
  datasets: datasetStore(table),
  runs: runStore(table),
  tags: tagStore(table, objects, platformBucket),
  samples: sampleStore(table),
  exports: exportStore(table),
  datasources,
  images: datasetImages({ datasources, datasourceConnections: storeConnections(), now: Date.now }),
  objects,
  signer: readUrlSigner(),
  publicTokens: publicTokens(secretReader(config.publicKeySecretArn), Date.now),
  apiUrl,
  telemetry: observe('export').telemetry,
  exportsBucket,
  now: Date.now,
};

export const handler = sqsStage('export', (body) =>
  unlessDeleted(parseJsonWith(exportMessage, body, 'Export message'), deps, (message) =>
    writeExport(message, deps),
  ),
);

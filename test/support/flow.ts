import { text } from 'node:stream/consumers';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import type { ExportRecord } from '#contracts/export-record';
import type { Run } from '#contracts/items';
import { exportObjectKey, latestExportObjectKey } from '#contracts/s3-keys';
import type { Sample } from '#contracts/samples';
import type { Tag } from '#contracts/tags';
import { changeSettings } from '#platform/datasets/change-settings';
import { newLandingDataset } from '#platform/datasets/datasets';
import { checkSelectionConfig } from '#selection/select';
import { ensureAssembly } from '../../local/assembly.ts';
import { type LocalCloudOptions, startLocalCloud } from '../../local/local-cloud.ts';
import { pipelineClient } from '../../local/pipeline-client.ts';

/** What a dataset looks like from outside when the pipeline has come to rest. */
export interface Outcome {
  readonly runs: Run[];
  readonly samples: Sample[];
  readonly tags: Tag[];
  readonly exports: ExportRecord[];
}

/** The pipeline on the local cloud, with the few things that a flow test does. */
export async function startFlow(options: Omit<LocalCloudOptions, 'assembly'> = {}) {
  const cloud = await startLocalCloud({ assembly: await ensureAssembly(), ...options });
  const client = pipelineClient(cloud);
  const { buckets } = client;
  const make = (name: string) => (id: string) => newLandingDataset(id, name, buckets, Date.now());

  return {
    cloud,
    client,
    buckets,
    /** Replaces the dataset's settings; the quiet period is short unless the document says otherwise. */
    configure: async (name: string, document: { schedule?: object; [section: string]: unknown } = {}) => {
      const schedule = { quietPeriodSeconds: 1, ...document.schedule };
      await changeSettings(
        { name, document: { ...document, schedule }, make: make(name) },
        { datasets: client.datasets, checkSelection: checkSelectionConfig },
      );
    },
    put: (key: string, body: Uint8Array) =>
      client.objects.put({ bucket: buckets.landing, key }, body, { contentType: 'application/octet-stream' }),
    remove: (key: string) => client.s3.send(new DeleteObjectCommand({ Bucket: buckets.landing, Key: key })),
    outcome: async (name: string): Promise<Outcome> => {
      const dataset = await client.datasets.findByName(name);
      if (!dataset) return { runs: [], samples: [], tags: [], exports: [] };
      const runs = await Array.fromAsync(client.runs.list(dataset.id));
      const exports = await Promise.all(runs.map(({ id }) => client.exports.listForRun(dataset.id, id)));
      return {
        runs,
        samples: await Array.fromAsync(client.samples.range(dataset.id, 0, Number.MAX_SAFE_INTEGER)),
        tags: await Array.fromAsync(client.tags.list(dataset.id)),
        exports: exports.flat(),
      };
    },
    readExport: async (name: string, runId: string | 'latest', fileName: string) => {
      const key =
        runId === 'latest' ? latestExportObjectKey(name, fileName) : exportObjectKey(name, runId, fileName);
      const found = await client.objects.open({ bucket: buckets.exports, key });
      return found ? text(found.body) : undefined;
    },
    close: async () => {
      client.close();
      await cloud.close();
    },
  };
}
export type Flow = Awaited<ReturnType<typeof startFlow>>;

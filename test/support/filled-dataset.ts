import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { metadataConfigurationStore } from '#aws/metadata-configuration-store';
import { putItem } from '#aws/table';
import { datasetIndexPartitions, datasetPartitions } from '#contracts/dataset-partitions';
import type { Dataset } from '#contracts/items';
import { platformPrefixes } from '#contracts/s3-keys';
import { artifactKey, runKey } from '#contracts/table-keys';
import type { ApiWorld } from './api-world.ts';
import { S3 } from './datasource-world.ts';
import { newId } from './documents.ts';

let made = 0;
/** A dataset with something in each of its places, and bystanders of another dataset in the same places. */
export async function filledDataset(world: ApiWorld): Promise<{
  dataset: Dataset;
  name: string;
  runId: string;
  scheduledId: string;
}> {
  const { deps } = world;
  made += 1;
  const name = `doomed ${made}`;
  const parent = await world.call('create_dataset', { body: { name: `parent of ${name}` } });
  const { id } = await world.call('create_dataset', { body: { name, parentDatasetId: parent.id } });
  await deps.datasets.advance(id, { sampleCount: 3, processedUntil: 1 });
  const [runId, scheduledId] = [newId(), newId()];
  for (const partition of datasetPartitions(id)) {
    for (const sk of ['one', 'two']) await putItem(world.table, { pk: partition, sk });
  }
  for (const [at, gsi1pk] of datasetIndexPartitions(id).entries()) {
    const key = at === 0 ? runKey(runId) : { pk: `OF#${gsi1pk}`, sk: 'HEAD' };
    await putItem(world.table, { ...key, gsi1pk, gsi1sk: '1', datasetId: id });
    await putItem(world.table, { ...artifactKey(runId, 'log.txt'), pk: key.pk, datasetId: id });
  }
  await world.call('create_or_update_shared_access_config_by_dataset_id', {
    path: { datasetId: id },
    body: { accessType: 'WRITE', users: ['ada@example.com'], teams: [] },
  });
  // Where events of its bucket are looked up, the bucket leads to it.
  await world.call('update_datasource_by_dataset_id', { path: { datasetId: id }, body: S3 });
  for (const prefix of platformPrefixes(id)) {
    for (const file of ['a.webp', 'b.webp']) {
      const reference = { bucket: deps.buckets.platform, key: `${prefix}${file}` };
      await deps.objects.put(reference, 'x', { contentType: 'image/webp' });
    }
  }
  await metadataConfigurationStore(world.table).create({
    ...{ id: newId(), datasetId: id, name: 'weather', configs: [], createdAt: 1, lastModifiedAt: 1 },
  });
  return { dataset: (await deps.datasets.get(id))!, name, runId, scheduledId };
}

/** Everything in table and bucket that names the id, apart from the account of the job. */
export async function traces(world: ApiWorld, id: string): Promise<string[]> {
  const { Items = [] } = await world.table.client.send(new ScanCommand({ TableName: world.table.name }));
  const items = Items.filter(
    (item) => JSON.stringify(item).includes(id) && !String(item.pk).startsWith('JOB#'),
  );
  const keys = items.map(({ pk, sk }) => `${pk}/${sk}`);
  const { objects, buckets } = world.deps;
  for (const prefix of platformPrefixes(id)) {
    for await (const { key } of objects.list(buckets.platform, prefix)) keys.push(key);
  }
  return keys;
}

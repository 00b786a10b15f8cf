import type { Sample } from '#contracts/samples';
import type { ObjectId } from '#contracts/schema';
import { sampleKey, sampleSortKey, samplesPartition } from '#contracts/table-keys';
import type { SampleChanges, SampleClaims, SampleStore } from '#platform/samples/samples';
import { dynamo, Expression } from './expression.ts';
import { sampleClaims } from './sample-claims.ts';
import { encodedChanges, sampleCodec } from './sample-codec.ts';
import { putNames, sampleNames } from './sample-names.ts';
import { getItem, type Table, updateItemIf } from './table.ts';
import { putItems } from './table-batches.ts';
import { decodedItems, itemsOf, type PartitionRange, readPages } from './table-reads.ts';

/** Samples in the table. The index is the key, so a range of indexes is a range of keys. */
export function sampleStore(table: Table): SampleStore & SampleClaims {
  return {
    put: (samples) => putSamples(table, samples),
    refresh: (sample) => refresh(table, sample),
    get: async (datasetId, index) => {
      const item = await getItem(table, sampleKey(datasetId, index));
      return item && sampleCodec.decode(item);
    },
    range: async function* (datasetId, from, to) {
      if (to <= from) return;
      yield* decodedItems(sampleCodec, readPages(table, rangeOf(datasetId, from, to)));
    },
    names: async function* (datasetId, from, to) {
      if (to <= from) return;
      const range = { ...rangeOf(datasetId, from, to), attributes: ['index', 'fileName'] };
      for await (const { index, fileName } of itemsOf(readPages(table, range))) {
        yield { index: index as number, fileName: fileName as string };
      }
    },
    update: (datasetId, index, changes) => update(table, datasetId, index, changes),
    ...sampleNames(table),
    ...sampleClaims(table),
  };
}

const rangeOf = (datasetId: ObjectId, from: number, to: number): PartitionRange => ({
  partition: samplesPartition(datasetId),
  from: sampleSortKey(from),
  to: sampleSortKey(to - 1),
});

/** Samples before names: a name that leads nowhere would be taken for a free one. */
async function putSamples(table: Table, samples: readonly Sample[]): Promise<void> {
  await putItems(
    table,
    samples.map((sample) => sampleCodec.encode(sample, sampleKey(sample.datasetId, sample.index))),
  );
  await putNames(
    table,
    samples.map(({ datasetId, fileName, index, runId, id }) => ({
      datasetId,
      fileName,
      index,
      claim: runId ?? id,
    })),
  );
}

async function refresh(table: Table, sample: Sample): Promise<void> {
  const { datasetId, index, bucket, key, eTag, thumbName, lastModifiedAt } = sample;
  const { facts, objectMetadata } = sampleCodec.encode(sample, sampleKey(datasetId, index));
  const { versionId, thumbIn, group } = sample;
  const optional = { versionId, thumbIn, objectMetadata, group };
  const gone = Object.entries(optional).flatMap(([name, value]) => (value === undefined ? [name] : []));
  await updateItemIf(
    table,
    sampleKey(datasetId, index),
    changeOf({ bucket, key, eTag, thumbName, lastModifiedAt, facts, ...optional }, gone),
    dynamo`attribute_exists(#pk)`,
  );
}

async function update(
  table: Table,
  datasetId: ObjectId,
  index: number,
  changes: SampleChanges,
): Promise<Sample | undefined> {
  const item = await updateItemIf(
    table,
    sampleKey(datasetId, index),
    changeOf(encodedChanges(changes), []),
    dynamo`attribute_exists(#pk)`,
  );
  return item && sampleCodec.decode(item);
}

/** `SET` for each field that has a value, `REMOVE` for each that goes. */
function changeOf(fields: Readonly<Record<string, unknown>>, gone: readonly string[]): Expression {
  const set = Object.entries(fields).filter(([, value]) => value !== undefined);
  const texts = set.map(([name], at) => `${at === 0 ? 'SET' : ','} #${name} = `);
  const removal = gone.length > 0 ? ` REMOVE ${gone.map((name) => `#${name}`).join(', ')}` : '';
  return new Expression(
    [...texts, removal],
    set.map(([, value]) => value),
  );
}

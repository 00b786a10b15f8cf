import { expect, test } from '@jest/globals';
import * as accessKeys from '#contracts/access-keys';
import { datasetIndexPartitions, datasetPartitions } from '#contracts/dataset-partitions';
import * as datasourceKeys from '#contracts/datasource-keys';
import * as tableKeys from '#contracts/table-keys';

const ID = '65f0c0de65f0c0de65f0c0de';

/** Keys that begin with an id, and why deleting a dataset does not look for them in its list of partitions. */
const NOT_LISTED: Readonly<Record<string, string>> = {
  single: 'makes other keys',
  datasetKey: 'the dataset itself, which is removed last',
  datasetNameKey: 'of a name, which outlives its dataset',
  pendingPartition: 'index entries of raw samples, which are listed',
  pendingIndexKey: 'index entries of raw samples, which are listed',
  changedPartition: 'index entries of raw samples, which are listed',
  changedIndexKey: 'index entries of raw samples, which are listed',
  unavailableSamplesPartition: 'index entries of samples, which are listed',
  unavailableSamplesIndexKey: 'index entries of samples, which are listed',
  inputBucketPartition: 'of a bucket: the entry of a dataset is removed where its datasource is known',
  inputBucketKey: 'of a bucket: the entry of a dataset is removed where its datasource is known',
  sharedAccessPartition: 'deleted by its store, which also deletes whom it leads to',
  sharedAccessKey: 'deleted by its store, which also deletes whom it leads to',
  sharedWithPartition: 'of an e-mail address or id that datasets are shared with',
  sharedWithKey: 'of an e-mail address or id that datasets are shared with',
  ownedDatasetsPartition: 'of a user',
  ownedDatasetsIndexKey: 'of a user',
  workerConfigKey: 'found by the index of those made of a dataset; others are their user’s',
  workerConfigsPartition: 'of a user',
  workerConfigsIndexKey: 'of a user',
  scheduledRunKey: 'found by the index of a dataset’s scheduled runs',
  runKey: 'found by the index of a dataset’s runs',
  artifactKey: 'in the partition of a run',
  uploadKey: 'in the partition of a run',
  logKey: 'in the partition of a run',
  jobKey: 'tells its user what became of it, after the dataset too',
  jobsPartition: 'of a user',
  jobsIndexKey: 'of a user',
  userEmailKey: 'of a user',
  accessTokenKey: 'of a user',
  accessTokensPartition: 'of a user',
  accessTokenOfUserKey: 'of a user',
};

/** The partition, of the table or of an index, that a key made with {@link ID} is in; undefined where it has none. */
function partitionOf(name: string, made: unknown): string | undefined {
  if (typeof made === 'string') return name.endsWith('Partition') ? made : undefined;
  const { pk, gsi1pk, gsi2pk } = made as Record<string, string | undefined>;
  return pk ?? gsi1pk ?? gsi2pk;
}

const keys = { ...tableKeys, ...accessKeys, ...datasourceKeys };
const keyFunctions = Object.entries(keys).flatMap(([name, value]) => {
  if (typeof value !== 'function') return [];
  const make = value as (...parts: string[]) => unknown;
  // A zero is an index, a time, a shard and a name alike.
  const partition = partitionOf(name, make(ID, '0', '0', '0'));
  return partition?.includes(ID) ? [{ name, partition }] : [];
});
const listed = new Set([...datasetPartitions(ID), ...datasetIndexPartitions(ID)]);

test('every partition that begins with an id is deleted with a dataset, or there is a reason why not', () => {
  const unlisted = keyFunctions.filter(({ partition }) => !listed.has(partition)).map(({ name }) => name);
  expect(unlisted.sort()).toEqual(Object.keys(NOT_LISTED).sort());
});

test('every partition that is deleted with a dataset is one of the keys that are built', () => {
  const built = keyFunctions.map(({ partition }) => partition.replace(/#0$/, ''));
  const strangers = [...listed].filter((partition) => !built.includes(partition.replace(/#\d+$/, '')));
  expect(strangers).toEqual([]);
});

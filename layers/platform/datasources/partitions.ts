import type { Partition } from './regions.ts';

/** Something that a datasource names, in words, and the partition of AWS that it is in. */
export interface InPartition {
  readonly what: string;
  readonly partition: string;
}

/**
 * Partitions of AWS have no trust in each other.
 *
 * @param own of the deployment
 * @returns what is wrong, and what to do; undefined where all is in the same partition
 */
export function otherPartition(own: Partition, named: readonly InPartition[]): string | undefined {
  const other = named.find(({ partition }) => partition !== own);
  return (
    other &&
    `Winnow is deployed in the partition ${own} of AWS, and ${other.what} is in ${other.partition}. No role can be ` +
      'assumed from one partition in another: use an access key (type S3), or deploy Winnow there.'
  );
}

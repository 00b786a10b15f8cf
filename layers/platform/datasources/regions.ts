/** The parts of AWS that know nothing of each other: no role and no key of the one holds in the other. */
export type Partition = 'aws' | 'aws-cn' | 'aws-us-gov';

/** What the protocol calls the regions of GovCloud, and their names. */
const REGION_NAMES: Readonly<Record<string, string>> = {
  'us-gov-east': 'us-gov-east-1',
  'us-gov-west': 'us-gov-west-1',
};

/** The name that AWS knows a region of the protocol by. */
export const regionNameOf = (region: string): string => REGION_NAMES[region] ?? region;

/** The second part of every ARN there. */
export function partitionOf(region: string): Partition {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** The partition, region and account that an ARN names; empty texts where it has none. */
export function partsOfArn(arn: string): {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
} {
  const [, partition = '', , region = '', account = ''] = arn.split(':');
  return { partition, region, account };
}

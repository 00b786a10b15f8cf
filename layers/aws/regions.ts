/** What the protocol calls the regions of GovCloud, and their names. */
const REGION_NAMES: Readonly<Record<string, string>> = {
  'us-gov-east': 'us-gov-east-1',
  'us-gov-west': 'us-gov-west-1',
};

/** The name that AWS knows a region of the protocol by. */
export const regionNameOf = (region: string): string => REGION_NAMES[region] ?? region;

/** The second part of every ARN there. */
export function partitionOf(region: string): 'aws' | 'aws-cn' | 'aws-us-gov' {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

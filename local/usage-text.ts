import type { LocalCloud } from './local-cloud.ts';

/**
 * What to type to use a running local cloud with the AWS CLI, an SDK or a Lightly client.
 * @param closing how it ends
 */
export function describeConnection(
  { connection, environment, queueUrls, tableName }: LocalCloud,
  closing: string,
): string {
  const { buckets, endpoints, apiUrl, token } = connection;
  const table = (rows: readonly (readonly [string, string])[]) =>
    rows.map(([name, value]) => `  ${name.padEnd(10)} ${value}`);
  return [
    'The pipeline is running on this machine.',
    '',
    ...table([
      ['API', apiUrl],
      ['S3', endpoints.s3],
      ['SQS', endpoints.sqs],
      ['DynamoDB', endpoints.dynamodb],
      ['STS', endpoints.sts],
    ]),
    '',
    'Buckets',
    ...table(Object.entries(buckets)),
    '',
    'Queues',
    ...table(Object.entries(queueUrls)),
    '',
    'For the AWS CLI and every AWS SDK, paste into a shell:',
    '',
    ...Object.entries(environment).map(([name, value]) => `  export ${name}=${value}`),
    '',
    ...describeUse(buckets),
    'An SDK client that is configured in code needs the endpoint and path style, as:',
    '',
    `  new S3Client({ endpoint: '${endpoints.s3}', forcePathStyle: true, region: '${connection.region}' })`,
    '',
    'For the settings of a dataset, as in npm run winnow -- settings show "My photos":',
    '',
    `  export WINNOW_TABLE=${tableName}`,
    `  export WINNOW_LANDING_BUCKET=${buckets.landing}`,
    `  export WINNOW_PLATFORM_BUCKET=${buckets.platform}`,
    '',
    'For a Lightly client:',
    '',
    `  export LIGHTLY_SERVER_LOCATION=${apiUrl.replace(/\/$/, '')}`,
    `  export LIGHTLY_TOKEN=${token}`,
    '',
    closing,
  ].join('\n');
}

const describeUse = ({ landing, exports }: LocalCloud['connection']['buckets']): string[] => [
  'Then drop images in and fetch what comes out:',
  '',
  `  aws s3 cp --recursive ./photos "s3://${landing}/My photos/"`,
  `  aws s3 ls --recursive s3://${exports}/`,
  // Version 1 of the CLI does not read the address of SQS from the environment.
  '  aws sqs list-queues --endpoint-url $AWS_ENDPOINT_URL_SQS',
  '',
];

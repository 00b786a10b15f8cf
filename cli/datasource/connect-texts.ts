import { partitionOf, regionNameOf } from '#platform/datasources/regions';

/** Where the console of AWS is. */
const CONSOLES = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
} as const;

interface Asked {
  readonly path: string;
  readonly region: string;
  readonly purpose: string;
  readonly kmsKey?: string;
  readonly output?: string;
  readonly format?: string;
  readonly templateUrl?: string;
  readonly events?: string;
  readonly bucket?: string;
  readonly bucketOwner?: string;
  readonly requesterPays?: true;
}

/** What to do with the templates, for people. @param events absent where none are forwarded */
export function nextSteps(
  datasetName: string,
  {
    name,
    events,
    accountId,
  }: { readonly name: string; readonly events?: object | undefined; readonly accountId: string },
  asked: Asked,
): string[] {
  const { path, region: given, purpose, kmsKey, output, format, templateUrl } = asked;
  const region = regionNameOf(given);
  const file = format === 'terraform' ? undefined : output;
  const steps = [
    templateUrl === undefined
      ? `In the account of the bucket: aws cloudformation deploy --region ${region} --stack-name ${name} ` +
        `--capabilities CAPABILITY_IAM --template-file ${file ?? '<file: see --output>'}, ` +
        'or upload the file in the console (Create stack), or apply the Terraform configuration.'
      : `In the account of the bucket, open ${quickCreateUrl(name, region, templateUrl)}`,
    ...(events
      ? [
          "The bucket's events: turn on EventBridge in its properties (or call 3. with --events eventbridge), and have Winnow " +
            `deployed with the account of the bucket among inputAccounts. In account ${accountId} itself the stack is enough; ` +
            'or, without its rule (--events polling), the bucket among inputBuckets: one of the two.',
        ]
      : []),
    `winnow datasources connect ${quoted(datasetName)} --path ${quoted(path)} --region ${given} --purpose ${purpose}` +
      `${kmsKey === undefined ? '' : ` --kms-key ${kmsKey}`}${bucketOptions(asked)} --role-arn <RoleArn of the stack>`,
  ];
  return ['Next:', ...steps.map((step, at) => `${at + 1}. ${step}`)];
}

/** Those that matter once there is a role. */
const bucketOptions = ({ events, bucket, bucketOwner, requesterPays }: Asked): string =>
  [
    ...(events === undefined ? [] : [` --events ${events}`]),
    ...(bucket === undefined ? [] : [` --bucket ${quoted(bucket)}`]),
    ...(bucketOwner === undefined ? [] : [` --bucket-owner ${quoted(bucketOwner)}`]),
    ...(requesterPays ? [' --requester-pays'] : []),
  ].join('');

const quickCreateUrl = (name: string, region: string, templateUrl: string): string => {
  const query = new URLSearchParams({ templateURL: templateUrl, stackName: name });
  return `https://${CONSOLES[partitionOf(region)]}/cloudformation/home?region=${region}#/stacks/quickcreate?${query}`;
};

/** For a shell. */
const quoted = (text: string): string =>
  /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

import { TemplateError } from './intrinsics.ts';

/** Fixed by the S3 and SQS server, which looks queues up under this account. */
export const ACCOUNT_ID = '000000000000';

/** One region is as good as another here. */
export const REGION = 'us-east-1';

/** What names and addresses of resources are made from. */
export interface PhysicalNames {
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  /** With a slash at the end. */
  readonly queueEndpoint: () => string;
  /** The address of an `AWS::Lambda::Url`, with a slash at the end. */
  readonly functionUrl: (logicalId: string) => string;
}

export interface NamedResource {
  readonly logicalId: string;
  readonly type: string;
  readonly givenName: string | undefined;
}

/** The name in the template, or one made of stack name and logical id. S3 allows 63 lower-case characters. */
export function physicalName({ logicalId, type, givenName }: NamedResource, stackName: string): string {
  if (givenName !== undefined) return givenName;
  const name = `${stackName}-${logicalId}`;
  // The end of a logical id is the hash that keeps it unique.
  return type === 'AWS::S3::Bucket' ? name.toLowerCase().slice(-63).replace(/^-+/, '') : name.slice(-64);
}

/** What `Ref` gives. */
export function referenceOf(resource: NamedResource, names: PhysicalNames): string {
  const name = physicalName(resource, names.stackName);
  switch (resource.type) {
    case 'AWS::SQS::Queue':
      return `${names.queueEndpoint()}${names.accountId}/${name}`;
    case 'AWS::SecretsManager::Secret':
    case 'AWS::Lambda::LayerVersion':
    case 'AWS::Lambda::Url':
    case 'AWS::SNS::Topic':
      return arnOf(resource, names);
    default:
      return name;
  }
}

/** What `Fn::GetAtt` gives. Attributes of resources that do nothing locally are texts that name them. */
export function attributeOf(
  resource: NamedResource,
  attribute: string,
  names: PhysicalNames,
  path: string,
): string {
  const name = physicalName(resource, names.stackName);
  switch (`${resource.type} ${attribute}`) {
    case 'AWS::SQS::Queue QueueName':
      return name;
    case 'AWS::SQS::Queue QueueUrl':
      return referenceOf(resource, names);
    case 'AWS::Lambda::Url FunctionUrl':
      return names.functionUrl(resource.logicalId);
    case 'AWS::S3::Bucket DomainName':
      return `${name}.s3.amazonaws.com`;
    case 'AWS::S3::Bucket RegionalDomainName':
      return `${name}.s3.${names.region}.amazonaws.com`;
  }
  if (/Arn$/.test(attribute)) return arnOf(resource, names);
  if (SERVED_TYPES.has(resource.type)) {
    throw new TemplateError(path, `the local cloud does not know ${attribute} of ${resource.type}`);
  }
  return `${name}.${attribute}`;
}

const SERVED_TYPES = new Set([
  'AWS::SQS::Queue',
  'AWS::S3::Bucket',
  'AWS::Lambda::Function',
  'AWS::Lambda::Url',
]);

export function arnOf(resource: NamedResource, names: PhysicalNames): string {
  const name = physicalName(resource, names.stackName);
  const regional = `${names.region}:${names.accountId}`;
  switch (resource.type) {
    case 'AWS::S3::Bucket':
      return `arn:aws:s3:::${name}`;
    case 'AWS::SQS::Queue':
      return `arn:aws:sqs:${regional}:${name}`;
    case 'AWS::SNS::Topic':
      return `arn:aws:sns:${regional}:${name}`;
    case 'AWS::DynamoDB::Table':
    case 'AWS::DynamoDB::GlobalTable':
      return `arn:aws:dynamodb:${regional}:table/${name}`;
    case 'AWS::Lambda::Function':
    case 'AWS::Lambda::Url':
      return `arn:aws:lambda:${regional}:function:${name}`;
    case 'AWS::Lambda::LayerVersion':
      return `arn:aws:lambda:${regional}:layer:${name}:1`;
    case 'AWS::Events::EventBus':
      return `arn:aws:events:${regional}:event-bus/${name}`;
    case 'AWS::IAM::Role':
      return `arn:aws:iam::${names.accountId}:role/${name}`;
    case 'AWS::SecretsManager::Secret':
      return `arn:aws:secretsmanager:${regional}:secret:${name}`;
    case 'AWS::KMS::Key':
      return `arn:aws:kms:${regional}:key/${name}`;
    case 'AWS::Logs::LogGroup':
      return `arn:aws:logs:${regional}:log-group:${name}:*`;
    default:
      return `arn:aws:local:${regional}:${resource.logicalId}`;
  }
}

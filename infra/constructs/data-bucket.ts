import { type CfnElement, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  type LifecycleRule,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Access } from './access.ts';

const READ = ['s3:GetObject', 's3:GetObjectVersion'];
const READ_TAGS = ['s3:GetObjectTagging', 's3:GetObjectVersionTagging'];
const READ_AND_WRITE = ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'];

export interface DataBucketProps {
  /** Variable that tells a function the bucket's name. */
  readonly environmentName: string;
  readonly accessLogs: IBucket;
  readonly removalPolicy: RemovalPolicy;
  /** Keep what is overwritten or deleted for 30 days: where losing an object would lose data. */
  readonly versioned: boolean;
  /** @default encryption with keys that S3 manages */
  readonly encryptionKey?: IKey | undefined;
  /** In addition to those of every bucket. @default none */
  readonly lifecycleRules?: readonly LifecycleRule[];
  /** Others put objects there, whose tags say something of them. @default false */
  readonly hasTaggedObjects?: boolean;
  /** Use this bucket of somebody else instead of a new one: the other settings are then its owner's. @default none */
  readonly existingBucketName?: string | undefined;
}

/** One of Winnow's buckets and the ways in which functions may use it. */
export class DataBucket extends Construct {
  /** CDK's own `Bucket` is no `IBucket` under exactOptionalPropertyTypes: `isWebsite` may be undefined. Hence casts. */
  readonly bucket: IBucket;
  readonly #props: DataBucketProps;

  constructor(scope: Construct, id: string, props: DataBucketProps) {
    super(scope, id);
    this.#props = props;
    const { existingBucketName, encryptionKey } = props;
    this.bucket = existingBucketName
      ? Bucket.fromBucketAttributes(this, 'Existing', {
          bucketName: existingBucketName,
          ...(encryptionKey && { encryptionKey }),
        })
      : (this.#newBucket(props) as IBucket);
  }

  /**
   * Reading objects and listing. Without ListBucket S3 answers a missing key with 403 instead of 404, and a function
   * could not tell an object that is gone from one that it may not read.
   */
  read(): Access {
    const { hasTaggedObjects } = this.#props;
    return this.#access([...READ, ...(hasTaggedObjects ? READ_TAGS : [])], ['kms:Decrypt']);
  }

  /** {@link read}, and writing objects in one piece or in parts. Deleting is not part of it. */
  readAndWrite(): Access {
    return this.#access(READ_AND_WRITE, ['kms:Decrypt', 'kms:GenerateDataKey']);
  }

  /** {@link readAndWrite}, and deleting objects: where the bucket is versioned, their versions stay for 30 days. */
  readWriteAndDelete(): Access {
    return this.#access([...READ_AND_WRITE, 's3:DeleteObject'], ['kms:Decrypt', 'kms:GenerateDataKey']);
  }

  #access(objectActions: string[], keyActions: string[]): Access {
    const { encryptionKey, environmentName } = this.#props;
    return {
      environment: { [environmentName]: this.bucket.bucketName },
      statements: [
        new PolicyStatement({ actions: objectActions, resources: [this.bucket.arnForObjects('*')] }),
        new PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] }),
        ...(encryptionKey
          ? [new PolicyStatement({ actions: keyActions, resources: [encryptionKey.keyArn] })]
          : []),
      ],
      acknowledgements: [
        {
          id: `AwsSolutions-IAM5[Resource::${this.#arnAsReported()}/*]`,
          reason: 'Keys are made of file names that users choose: any key of this one bucket.',
        },
      ],
    };
  }

  /** The bucket's ARN as cdk-nag writes it in the id of a finding. */
  #arnAsReported(): string {
    const { existingBucketName } = this.#props;
    if (existingBucketName) return `arn:<AWS::Partition>:s3:::${existingBucketName}`;
    return `<${Stack.of(this).getLogicalId(this.bucket.node.defaultChild as CfnElement)}.Arn>`;
  }

  #newBucket({ encryptionKey, accessLogs, removalPolicy, versioned, lifecycleRules = [] }: DataBucketProps) {
    return new Bucket(this, 'Bucket', {
      ...(encryptionKey
        ? { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }
        : { encryption: BucketEncryption.S3_MANAGED }),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned,
      removalPolicy,
      autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: `${this.node.id.toLowerCase()}/`,
      lifecycleRules: [
        { id: 'abandoned-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
        ...(versioned ? [OLD_VERSIONS_EXPIRE] : []),
        ...lifecycleRules,
      ],
    });
  }
}

const OLD_VERSIONS_EXPIRE: LifecycleRule = {
  id: 'old-versions',
  noncurrentVersionExpiration: Duration.days(30),
  expiredObjectDeleteMarker: true,
};

import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, StorageClass } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { HANDOVER_PREFIX } from '#contracts/s3-keys';
import { ENVIRONMENT, OUTPUTS } from '#contracts/stages';
import type { Parameters } from '../parameters.ts';
import { DataBucket, type DataBucketProps } from './data-bucket.ts';
import { GeneratedSecret } from './generated-secret.ts';
import { StateTable } from './state-table.ts';

/** All that outlives a function: buckets, table, secrets. */
export class Storage extends Construct {
  readonly table: StateTable;
  readonly tokenSecret: GeneratedSecret;
  readonly publicKeySecret: GeneratedSecret;
  readonly landing: DataBucket;
  readonly platform: DataBucket;
  readonly exports: DataBucket;
  readonly archive: DataBucket;

  constructor(scope: Construct, id: string, parameters: Parameters) {
    super(scope, id);
    const removalPolicy =
      parameters.removalPolicy === 'destroy' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
    const encryptionKey = parameters.kmsKeyArn
      ? Key.fromKeyArn(this, 'Key', parameters.kmsKeyArn)
      : undefined;
    const common = { removalPolicy, encryptionKey, accessLogs: accessLogs(this, removalPolicy) };

    this.table = new StateTable(this, 'State', common);
    this.tokenSecret = new GeneratedSecret(this, 'Token', {
      ...common,
      description: 'Token of the Winnow API',
      environmentName: ENVIRONMENT.tokenSecret,
      notRotatedBecause:
        'Every client holds the token: it changes when its owner decides, not by the calendar.',
    });
    this.publicKeySecret = new GeneratedSecret(this, 'PublicKey', {
      ...common,
      description: 'Signs the public URLs of exported images',
      environmentName: ENVIRONMENT.publicKeySecret,
      notRotatedBecause: 'URLs in exports that are in use would end with it: each has an expiry of its own.',
    });
    this.landing = new DataBucket(this, 'Landing', {
      ...common,
      environmentName: ENVIRONMENT.landingBucket,
      versioned: true,
      hasTaggedObjects: true,
      existingBucketName: parameters.existingLandingBucket,
    });
    // Thumbnails could be made again; the artifacts of runs and the masks of large tags could not.
    this.platform = new DataBucket(this, 'Platform', {
      ...common,
      environmentName: ENVIRONMENT.platformBucket,
      versioned: true,
      // A run that rests in a dead-letter queue may need it again when it is redriven.
      lifecycleRules: [{ id: 'Handover', prefix: HANDOVER_PREFIX, expiration: Duration.days(14) }],
    });
    // Not versioned: a repeated export message writes the same bytes again.
    this.exports = new DataBucket(this, 'Exports', {
      ...common,
      environmentName: ENVIRONMENT.exportsBucket,
      versioned: false,
    });
    this.archive = new DataBucket(this, 'Archive', archiveProps(common));
    this.#nameOutputs();
  }

  #nameOutputs(): void {
    const values: Partial<Record<keyof typeof OUTPUTS, string>> = {
      landingBucket: this.landing.bucket.bucketName,
      platformBucket: this.platform.bucket.bucketName,
      exportsBucket: this.exports.bucket.bucketName,
      archiveBucket: this.archive.bucket.bucketName,
      table: this.table.table.tableName,
      tokenSecretArn: this.tokenSecret.secret.secretArn,
    };
    for (const [name, value] of Object.entries(values)) {
      new CfnOutput(this, name, { value }).overrideLogicalId(OUTPUTS[name as keyof typeof OUTPUTS]);
    }
  }
}

function archiveProps(
  common: Pick<DataBucketProps, 'accessLogs' | 'encryptionKey' | 'removalPolicy'>,
): DataBucketProps {
  return {
    ...common,
    environmentName: ENVIRONMENT.archiveBucket,
    versioned: true,
    lifecycleRules: [
      {
        id: 'rarely-read',
        transitions: [{ storageClass: StorageClass.GLACIER, transitionAfter: Duration.days(30) }],
      },
    ],
  };
}

/** Who read or wrote what, for 90 days. S3 can deliver its logs only into a bucket with S3-managed encryption. */
function accessLogs(scope: Construct, removalPolicy: RemovalPolicy): IBucket {
  return new Bucket(scope, 'AccessLogs', {
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    removalPolicy,
    autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
    lifecycleRules: [{ id: 'expiry', expiration: Duration.days(90) }],
  }) as IBucket;
}

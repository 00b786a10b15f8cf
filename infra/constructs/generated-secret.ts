import { type RemovalPolicy, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { Access } from './access.ts';

export interface GeneratedSecretProps {
  readonly description: string;
  /** The variable that tells functions where it is. */
  readonly environmentName: string;
  /** Why it does not change by the calendar. */
  readonly notRotatedBecause: string;
  readonly removalPolicy: RemovalPolicy;
  /** @default encryption with the account's key for Secrets Manager */
  readonly encryptionKey?: IKey | undefined;
}

/** A secret made by AWS: nobody has to invent, see or store it. */
export class GeneratedSecret extends Construct {
  readonly secret: Secret;
  readonly #props: GeneratedSecretProps;

  constructor(scope: Construct, id: string, props: GeneratedSecretProps) {
    super(scope, id);
    this.#props = props;
    const { description, removalPolicy, encryptionKey, notRotatedBecause } = props;
    this.secret = new Secret(this, 'Secret', {
      description,
      // Letters and digits: a client may send it as a query parameter.
      generateSecretString: { passwordLength: 48, excludePunctuation: true },
      removalPolicy,
      ...(encryptionKey && { encryptionKey }),
    });
    Validations.of(this.secret).acknowledge({ id: 'AwsSolutions-SMG4', reason: notRotatedBecause });
  }

  read(): Access {
    const { encryptionKey, environmentName } = this.#props;
    const { secretArn } = this.secret;
    return {
      environment: { [environmentName]: secretArn },
      statements: [
        new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] }),
        ...(encryptionKey
          ? [new PolicyStatement({ actions: ['kms:Decrypt'], resources: [encryptionKey.keyArn] })]
          : []),
      ],
    };
  }
}

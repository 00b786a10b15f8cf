import { type RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

export interface TokenSecretProps {
  readonly removalPolicy: RemovalPolicy;
  /** @default encryption with the account's key for Secrets Manager */
  readonly encryptionKey?: IKey | undefined;
}

/** The token that clients of the API send. Made by AWS: nobody has to invent, see or store it. */
export class TokenSecret extends Construct {
  readonly secret: Secret;

  constructor(scope: Construct, id: string, { removalPolicy, encryptionKey }: TokenSecretProps) {
    super(scope, id);
    this.secret = new Secret(this, 'Secret', {
      description: 'Token of the Winnow API',
      // Letters and digits: a client may send it as a query parameter.
      generateSecretString: { passwordLength: 48, excludePunctuation: true },
      removalPolicy,
      ...(encryptionKey && { encryptionKey }),
    });
    Validations.of(this.secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Every client holds the token: it changes when its owner decides, not by the calendar.',
    });
  }
}

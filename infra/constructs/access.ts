import type { Acknowledgment } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/**
 * What a function may do with one resource, together with how it learns about the resource. Resources make these;
 * `ServiceFunction.allow` takes them. So no function knows a resource that it may not use, or the reverse.
 */
export interface Access {
  /** Environment variables by which the function finds the resource. @default none */
  readonly environment?: Readonly<Record<string, string>>;
  readonly statements: readonly PolicyStatement[];
  /** Findings of cdk-nag that these very statements cause, each with its reason. @default none */
  readonly acknowledgements?: readonly Acknowledgment[];
}

import { Aws } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ENVIRONMENT } from '#contracts/stages';
import type { Parameters } from '../parameters.ts';
import type { Access } from './access.ts';

/**
 * Opening datasources that users have configured. It lets a function assume the roles by which owners of buckets grant
 * access to them: which ones these will be, and in which accounts, nobody knows when the stack is deployed.
 */
export function openedDatasources({ privateEndpoints }: Pick<Parameters, 'privateEndpoints'>): Access {
  const roles = `arn:${Aws.PARTITION}:iam::*:role/*`;
  return {
    environment: { [ENVIRONMENT.privateEndpoints]: privateEndpoints },
    statements: [new PolicyStatement({ actions: ['sts:AssumeRole'], resources: [roles] })],
    acknowledgements: [
      {
        id: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:iam::*:role/*]',
        reason:
          'A role of a datasource says itself who may assume it, on the condition of an external ID: a role without ' +
          'that condition is refused. Sessions are narrowed to the bucket and prefix of the datasource.',
      },
    ],
  };
}

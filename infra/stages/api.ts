import { CfnOutput, Duration } from 'aws-cdk-lib';
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { OUTPUTS } from '#contracts/stages';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { StageProps } from './stage-props.ts';

/** The HTTP API behind a Function URL. */
export function createApi(scope: Construct, { storage, monitoring }: StageProps): ServiceFunction {
  const api = new ServiceFunction(scope, 'Api', {
    stage: 'api',
    description: 'The HTTP API: version handshake and health.',
    memorySize: 512,
    timeout: Duration.seconds(30),
    access: [storage.table.read()],
  });
  // Clients of the protocol send a token of their own kind; they know nothing of IAM signatures.
  const url = api.function.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
  new CfnOutput(scope, 'ApiUrl', { value: url.url }).overrideLogicalId(OUTPUTS.apiUrl);
  monitoring.watchFunction('api', api, ['RequestsSucceeded', 'RequestsRefused', 'RequestsFailed']);
  return api;
}

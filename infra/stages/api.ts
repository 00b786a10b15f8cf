import { CfnOutput, Duration } from 'aws-cdk-lib';
import { FunctionUrlAuthType, InvokeMode } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { ENVIRONMENT, OUTPUTS } from '#contracts/stages';
import type { Access } from '../constructs/access.ts';
import { assumeDelegatedRoles } from '../constructs/delegated-roles.ts';
import type { QueueWorker } from '../constructs/queue-worker.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { StageProps } from './stage-props.ts';

/** The HTTP API behind a Function URL. Returns what tells others where it is. */
export function createApi(
  scope: Construct,
  { storage, monitoring, run, job }: StageProps & { readonly run: QueueWorker; readonly job: QueueWorker },
): Access {
  const api = new ServiceFunction(scope, 'Api', {
    stage: 'api',
    description: "The HTTP API: the Lightly wire protocol and what is Winnow's own.",
    memorySize: 1024,
    // An answer may be as long as a dataset; it is streamed.
    timeout: Duration.minutes(15),
    access: [
      storage.table.readAndWrite(),
      // Embeddings are deleted, and what the verification of a datasource has written.
      storage.platform.readWriteAndDelete(),
      // Read URLs can do what their signer can.
      storage.landing.read(),
      storage.tokenSecret.read(),
      storage.publicKeySecret.read(),
      run.send(),
      job.send(),
      assumeDelegatedRoles(),
    ],
  });
  const url = api.function.addFunctionUrl({
    // Clients of the protocol send a token of their own kind; they know nothing of IAM signatures.
    authType: FunctionUrlAuthType.NONE,
    // An answer that is not streamed may have 6 MB.
    invokeMode: InvokeMode.RESPONSE_STREAM,
  });
  new CfnOutput(scope, 'ApiUrl', { value: url.url }).overrideLogicalId(OUTPUTS.apiUrl);
  monitoring.watchFunction('api', api, ['RequestsSucceeded', 'RequestsRefused', 'RequestsFailed']);
  return { environment: { [ENVIRONMENT.apiUrl]: url.url }, statements: [] };
}

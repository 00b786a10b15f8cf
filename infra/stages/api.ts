import { Aws, CfnOutput, Duration } from 'aws-cdk-lib';
import { FunctionUrlAuthType, InvokeMode } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { ENVIRONMENT, OUTPUTS } from '#contracts/stages';
import type { Access } from '../constructs/access.ts';
import type { InputEvents } from '../constructs/input-events.ts';
import type { QueueWorker } from '../constructs/queue-worker.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { DatasourceStageProps } from './stage-props.ts';

export interface ApiProps extends DatasourceStageProps {
  readonly ingest: QueueWorker;
  readonly inputEvents: InputEvents;
  readonly sync: QueueWorker;
  readonly run: QueueWorker;
  readonly job: QueueWorker;
}

/** The HTTP API behind a Function URL. Returns what tells others where it is. */
export function createApi(
  scope: Construct,
  { storage, monitoring, datasources, ingest, inputEvents, sync, run, job }: ApiProps,
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
      datasources,
      sync.send(),
      run.send(),
      job.send(),
      toldOfEvents(scope, ingest, inputEvents),
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

/** What people need to know to have their bucket report to Winnow. */
function toldOfEvents(scope: Construct, { queue }: QueueWorker, { bus }: InputEvents): Access {
  const values = {
    accountId: Aws.ACCOUNT_ID,
    eventBusArn: bus.eventBusArn,
    ingestQueueArn: queue.queueArn,
  } as const;
  const names = Object.keys(values) as (keyof typeof values)[];
  for (const name of names) {
    new CfnOutput(scope, `Told-${name}`, { value: values[name] }).overrideLogicalId(OUTPUTS[name]);
  }
  return {
    environment: Object.fromEntries(names.map((name) => [ENVIRONMENT[name], values[name]])),
    statements: [],
  };
}

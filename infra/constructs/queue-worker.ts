import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { type DeadLetterQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { ENVIRONMENT, type QueueStage } from '#contracts/stages';
import type { Access } from './access.ts';
import type { Monitoring } from './monitoring.ts';
import { ServiceFunction, type ServiceFunctionProps } from './service-function.ts';

/** After this many receives, which take 45 minutes, a message rests in the dead-letter queue. */
const MAX_RECEIVE_COUNT = 8;
/** As AWS advises for queues that feed a function: time for retries within one visibility timeout. */
const VISIBILITY_TIMEOUTS = 6;

export interface QueueWorkerProps extends ServiceFunctionProps {
  readonly stage: QueueStage;
  readonly monitoring: Monitoring;
  /** Messages of one invocation. */
  readonly batchSize: number;
  /** Invocations at the same time, at least 2. @default as many as the account allows */
  readonly maxConcurrency?: number;
  /** Oldest message, in minutes, from which on something is wrong. */
  readonly oldestMessageMinutes: number;
  /** Metrics that the stage counts itself and that its operators want to see. */
  readonly outcomes: readonly string[];
}

/** A stage that consumes a queue: queue, dead-letter queue, function, mapping and alarms. */
export class QueueWorker extends ServiceFunction {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly #stage: QueueStage;

  constructor(scope: Construct, id: string, props: QueueWorkerProps) {
    super(scope, id, props);
    this.#stage = props.stage;
    // Keys that SQS manages, also where the stack has a key: S3 could send to a queue under a customer-managed key
    // only if that key's policy said so, and messages hold names of objects, never their content.
    this.deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // A message keeps its age when it comes here: there has to be time left to look at it.
      retentionPeriod: Duration.days(14),
    });
    const deadLetterQueue: DeadLetterQueue = { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVE_COUNT };
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(props.timeout.toSeconds() * VISIBILITY_TIMEOUTS),
      retentionPeriod: Duration.days(7),
      deadLetterQueue,
    });
    this.function.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: props.batchSize,
        reportBatchItemFailures: true,
        ...(props.maxConcurrency !== undefined && { maxConcurrency: props.maxConcurrency }),
      }),
    );
    props.monitoring.watchWorker(props.stage, this, {
      oldestMessage: Duration.minutes(props.oldestMessageMinutes),
      outcomes: props.outcomes,
    });
  }

  /** Sending to this stage. */
  send(): Access {
    return {
      environment: { [ENVIRONMENT.queueUrl[this.#stage]]: this.queue.queueUrl },
      statements: [new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.queue.queueArn] })],
    };
  }

  /** Asking how many messages wait for this stage. */
  seeBacklog(): Access {
    return {
      environment: { [ENVIRONMENT.queueUrl[this.#stage]]: this.queue.queueUrl },
      statements: [
        new PolicyStatement({ actions: ['sqs:GetQueueAttributes'], resources: [this.queue.queueArn] }),
      ],
    };
  }
}

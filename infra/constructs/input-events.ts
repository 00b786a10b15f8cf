import { Aws } from 'aws-cdk-lib';
import { CfnEventBusPolicy, EventBus, type EventPattern, type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { OBJECT_EVENT_TYPES } from '#contracts/object-event';
import type { Parameters } from '../parameters.ts';

const SOURCE = 'aws.s3';
const PATTERN: EventPattern = { source: [SOURCE], detailType: [...OBJECT_EVENT_TYPES] };

/** The queue of ingest and where it parks what it can't take. */
interface Receiver {
  readonly queue: Queue;
  readonly deadLetters: Queue;
}

export interface InputEventsProps extends Pick<Parameters, 'inputAccounts' | 'inputBuckets' | 'inputTopics'> {
  readonly receiver: Receiver;
}

/** How events of buckets other than the landing bucket come to the queue of ingest. */
export class InputEvents extends Construct {
  /** Where the accounts that were let in send events of their buckets. */
  readonly bus: IEventBus;

  constructor(scope: Construct, id: string, props: InputEventsProps) {
    super(scope, id);
    const { inputAccounts, inputBuckets, inputTopics, receiver } = props;
    const bus = new EventBus(this, 'Bus', {
      description: 'Events of buckets in other accounts, for Winnow to take their images in.',
    });
    // CDK's own `EventBus` is no `IEventBus` under exactOptionalPropertyTypes.
    this.bus = bus as IEventBus;
    letIn(bus, inputAccounts);
    this.#forward('FromOtherAccounts', receiver, PATTERN, this.bus);
    if (inputBuckets.length > 0) {
      const ofBuckets = { ...PATTERN, detail: { bucket: { name: [...inputBuckets] } } };
      this.#forward('FromThisAccount', receiver, ofBuckets);
    }
    receiveFromBuckets(receiver.queue);
    if (inputTopics.length > 0) receiveFromTopics(receiver.queue, inputTopics);
  }

  /**
   * What EventBridge can't deliver goes to the dead letters of ingest, as the message that it would have been.
   * @param bus @default the one of the account
   */
  #forward(id: string, { queue, deadLetters }: Receiver, eventPattern: EventPattern, bus?: IEventBus): void {
    new Rule(this, id, {
      eventPattern,
      targets: [new SqsQueue(queue, { deadLetterQueue: deadLetters })],
      ...(bus && { eventBus: bus }),
    });
  }
}

/** Only S3 can send what this lets through: nobody else may name a source that begins with `aws.`. */
function letIn(bus: EventBus, accounts: readonly string[]): void {
  if (accounts.length === 0) return;
  new CfnEventBusPolicy(bus, 'LetIn', {
    eventBusName: bus.eventBusName,
    statementId: 'ReceiveEventsOfInputAccounts',
    statement: {
      Effect: 'Allow',
      Principal: { AWS: accounts.map((account) => `arn:${Aws.PARTITION}:iam::${account}:root`) },
      Action: 'events:PutEvents',
      Resource: bus.eventBusArn,
      Condition: {
        'ForAllValues:StringEquals': {
          'events:source': SOURCE,
          'events:detail-type': [...OBJECT_EVENT_TYPES],
        },
      },
    },
  });
}

/**
 * Any bucket of the account may report to the queue: its owner says which do. The account and not a bucket is named
 * because S3 asks for this permission before the landing bucket, and so its ARN, exists.
 */
function receiveFromBuckets(queue: Queue): void {
  queue.addToResourcePolicy(
    new PolicyStatement({
      sid: 'ReceiveBucketEvents',
      principals: [new ServicePrincipal('s3.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  );
}

function receiveFromTopics(queue: Queue, topics: readonly string[]): void {
  queue.addToResourcePolicy(
    new PolicyStatement({
      sid: 'ReceiveTopicMessages',
      principals: [new ServicePrincipal('sns.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: { ArnEquals: { 'aws:SourceArn': [...topics] } },
    }),
  );
}

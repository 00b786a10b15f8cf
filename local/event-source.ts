import { z } from 'zod';
import type { Outcome } from './execution-environment.ts';
import type { SqsQueue, SqsStore } from './fauxqs-parts.ts';
import type { FunctionPool, Lease } from './function-pool.ts';
import { REGION } from './physical-names.ts';
import type { EventSourcePlan } from './plan-types.ts';
import { watchQueue } from './queue-signal.ts';

/** Feeds a function from a queue, as an event source mapping does. */
export interface EventSource {
  readonly functionName: string;
  readonly queue: SqsQueue;
  readonly start: () => void;
  /** Nothing is received any more; running invocations go on. */
  readonly stop: () => void;
}

export interface EventSourceOptions {
  readonly plan: EventSourcePlan;
  readonly queue: SqsQueue;
  readonly queues: SqsStore;
  readonly pool: FunctionPool;
  /** Messages of an invocation that did not succeed come back after at most this many seconds. */
  readonly visibilityTimeoutCap: number | undefined;
  readonly deliveriesPerMessage: number;
  readonly now: () => number;
  readonly onProblem: (text: string) => void;
}

type Message = ReturnType<SqsQueue['dequeue']>[number];
/** As SQS allows for one receive. */
const LARGEST_RECEIVE = 10;

const batchResponse = z
  .object({
    batchItemFailures: z
      .array(z.object({ itemIdentifier: z.string() }))
      .nullish()
      .transform((failures) => failures ?? []),
  })
  .nullish()
  .transform((response) => response?.batchItemFailures ?? []);

export function createEventSource(options: EventSourceOptions): EventSource {
  const { plan, queue, pool, now, onProblem } = options;
  const signal = watchQueue(queue, now);
  let polling: AbortController | undefined;
  const poll = async (aborted: AbortSignal) => {
    while (await signal.whenVisible(aborted)) {
      const lease = await pool.lease();
      const messages = aborted.aborted ? [] : await receiveBatch(options, signal.whenVisible);
      if (messages.length === 0) lease.release();
      // Not awaited: the next batch goes to the next free process.
      else {
        deliver(messages, lease, options).catch((error: unknown) => {
          onProblem(`delivery to ${plan.functionName} failed: ${String(error)}`);
        });
      }
    }
  };
  return {
    functionName: plan.functionName,
    queue,
    start: () => {
      if (polling) return;
      polling = new AbortController();
      poll(polling.signal).catch((error: unknown) => {
        onProblem(`event source of ${plan.functionName} ended: ${String(error)}`);
      });
    },
    stop: () => {
      polling?.abort();
      polling = undefined;
    },
  };
}

/** Up to a full batch, waiting for the mapping's window where messages are missing. */
async function receiveBatch(
  { plan, queue, queues, now }: EventSourceOptions,
  whenVisible: (signal: AbortSignal) => Promise<boolean>,
): Promise<Message[]> {
  const messages: Message[] = [];
  const windowEnd = now() + plan.windowSeconds * 1000;
  const receive = () => {
    for (;;) {
      const missing = Math.min(plan.batchSize - messages.length, LARGEST_RECEIVE);
      const received =
        missing > 0 ? queue.dequeue(missing, undefined, (arn) => queues.getQueueByArn(arn)) : [];
      messages.push(...received);
      if (received.length === 0) return;
    }
  };
  receive();
  while (messages.length > 0 && messages.length < plan.batchSize && now() < windowEnd) {
    const visible = await whenVisible(AbortSignal.timeout(Math.max(0, windowEnd - now())));
    if (visible) receive();
  }
  return messages;
}

async function deliver(
  messages: readonly Message[],
  lease: Lease,
  options: EventSourceOptions,
): Promise<void> {
  const { plan, queue, pool, visibilityTimeoutCap, onProblem } = options;
  const event = { Records: messages.map((message) => toRecord(message, options)) };
  let outcome = await lease.invoke(event);
  for (let delivery = 1; delivery < options.deliveriesPerMessage; delivery++) {
    outcome = await (await pool.lease()).invoke(event);
  }
  const failed = failedMessages(messages, outcome, plan, onProblem);
  for (const { MessageId, ReceiptHandle } of messages) {
    if (failed.has(MessageId)) hurryBack(queue, ReceiptHandle, visibilityTimeoutCap, options.now);
    else queue.deleteMessage(ReceiptHandle);
  }
}

/** The ids of the messages that stay in the queue. An answer that makes no sense fails them all, as on AWS. */
function failedMessages(
  messages: readonly Message[],
  outcome: Outcome,
  { reportsFailures, functionName }: EventSourcePlan,
  onProblem: (text: string) => void,
): Set<string> {
  const all = new Set(messages.map(({ MessageId }) => MessageId));
  if (outcome.kind !== 'success') {
    const { errorType, errorMessage } = outcome.error;
    onProblem(`${functionName} ${outcome.kind}: ${errorType}: ${errorMessage}`);
    return all;
  }
  if (!reportsFailures) return new Set();
  const answer = batchResponse.safeParse(JSON.parse(outcome.payload ?? 'null'));
  if (!answer.success) return all;
  const failed = answer.data.map(({ itemIdentifier }) => itemIdentifier);
  return failed.every((id) => all.has(id)) ? new Set(failed) : all;
}

function hurryBack(queue: SqsQueue, receiptHandle: string, cap: number | undefined, now: () => number): void {
  const deadline = queue.inflightMessages.get(receiptHandle)?.visibilityDeadline;
  if (cap === undefined || deadline === undefined || deadline <= now() + cap * 1000) return;
  queue.changeVisibility(receiptHandle, cap);
}

function toRecord(message: Message, { queue }: EventSourceOptions): unknown {
  const entry = queue.inflightMessages.get(message.ReceiptHandle)?.message;
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: {
      ApproximateReceiveCount: String(entry?.approximateReceiveCount ?? 1),
      SentTimestamp: String(entry?.sentTimestamp),
      SenderId: 'local',
      ApproximateFirstReceiveTimestamp: String(entry?.approximateFirstReceiveTimestamp),
    },
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, attribute]) => [
        name,
        {
          ...(attribute.StringValue !== undefined && { stringValue: attribute.StringValue }),
          ...(attribute.BinaryValue !== undefined && { binaryValue: attribute.BinaryValue }),
          stringListValues: [],
          binaryListValues: [],
          dataType: attribute.DataType,
        },
      ]),
    ),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queue.arn,
    awsRegion: REGION,
  };
}

import type { SqsQueue, SqsStore } from './fauxqs-parts.ts';
import type { StackPlan } from './plan-types.ts';

/** Creates the queues of the template, or gives the ones of an earlier run its attributes. */
export function createQueues(plan: StackPlan, store: SqsStore, urlOf: (name: string) => string): void {
  for (const { name, arn, attributes } of plan.queues) {
    const existing = store.getQueueByName(name);
    // Creating a queue again would drop its persisted messages.
    if (!existing) {
      store.createQueue(name, urlOf(name), arn, { ...attributes });
      continue;
    }
    existing.setAttributes({ RedrivePolicy: '', ...attributes });
    // The port may be another one than in the earlier run.
    Object.assign(existing, { url: urlOf(name) });
  }
}

/** After a restart no function runs, so what one of them had received is visible again at once. */
export function returnInterruptedMessages(queues: readonly SqsQueue[]): void {
  for (const queue of queues) {
    for (const receiptHandle of [...queue.inflightMessages.keys()]) queue.changeVisibility(receiptHandle, 0);
  }
}

/** Messages that wait, are being worked on, or will appear later. */
export const messagesIn = ({ messages, inflightMessages, delayedMessages }: SqsQueue): number =>
  messages.length + inflightMessages.size + delayedMessages.length;

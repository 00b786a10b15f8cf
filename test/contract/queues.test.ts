import { GetQueueAttributesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { messageSender } from '#aws/sqs-sender';
import { scheduleCheckMessage } from '#contracts/messages';
import { type StorageServer, startStorageServer } from '../support/aws-servers.ts';
import { newId } from '../support/documents.ts';

let storage: StorageServer;
beforeAll(async () => {
  storage = await startStorageServer();
});
afterAll(() => storage.stop());

const received = async (queueUrl: string): Promise<unknown[]> => {
  const { Messages = [] } = await storage.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
  );
  return Messages.map(({ Body }) => JSON.parse(Body ?? ''));
};
const counts = async (queueUrl: string) => {
  const { Attributes } = await storage.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }),
  );
  return {
    visible: Attributes?.ApproximateNumberOfMessages,
    delayed: Attributes?.ApproximateNumberOfMessagesDelayed,
  };
};

test('sends a message as JSON', async () => {
  const queueUrl = await storage.createQueue();
  const message = { datasetId: newId() };
  await messageSender(queueUrl, scheduleCheckMessage, storage.sqs).send(message);
  expect(await received(queueUrl)).toEqual([message]);
});

test('delays a message', async () => {
  const queueUrl = await storage.createQueue();
  const sender = messageSender(queueUrl, scheduleCheckMessage, storage.sqs);
  await sender.send({ datasetId: newId() }, { delaySeconds: 900 });
  expect(await counts(queueUrl)).toEqual({ visible: '0', delayed: '1' });
  await sender.send({ datasetId: newId() }, { delaySeconds: 0 });
  expect(await counts(queueUrl)).toEqual({ visible: '1', delayed: '1' });
});

test.each([-1, 901, 1.5, Number.NaN])('refuses a delay of %p seconds', async (delaySeconds) => {
  const queueUrl = await storage.createQueue();
  const sender = messageSender(queueUrl, scheduleCheckMessage, storage.sqs);
  await expect(sender.send({ datasetId: newId() }, { delaySeconds })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
  expect(await counts(queueUrl)).toEqual({ visible: '0', delayed: '0' });
});

test('refuses a message that its schema refuses', async () => {
  const queueUrl = await storage.createQueue();
  const sender = messageSender(queueUrl, scheduleCheckMessage, storage.sqs);
  await expect(sender.send({ datasetId: 'no id' })).rejects.toThrow('datasetId');
  expect(await received(queueUrl)).toEqual([]);
});

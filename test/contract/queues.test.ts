import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { messageCount, messageSender } from '#aws/sqs-sender';
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

describe('many messages at a time', () => {
  const taken = async (queueUrl: string): Promise<unknown[]> => {
    const all: unknown[] = [];
    for (let some = await received(queueUrl); some.length > 0; some = await received(queueUrl))
      all.push(...some);
    return all;
  };

  test('each of them is sent once, however many they are, and they are counted', async () => {
    const queueUrl = await storage.createQueue();
    const messages = Array.from({ length: 57 }, () => ({ datasetId: newId() }));
    await messageSender(queueUrl, scheduleCheckMessage, storage.sqs).sendAll(messages);
    expect(await messageCount(queueUrl, storage.sqs)()).toBe(57);
    const ids = (await taken(queueUrl)).map((message) => JSON.stringify(message));
    expect(ids.toSorted()).toEqual(messages.map((message) => JSON.stringify(message)).toSorted());
    // Those that have been received and not deleted are being worked on.
    expect(await messageCount(queueUrl, storage.sqs)()).toBe(57);
  });

  test('what the queue refuses of a batch is sent again', async () => {
    const queueUrl = await storage.createQueue();
    let refused = 0;
    const refusing = refusingSqs(storage.sqs, () => refused++ < 3);
    const messages = Array.from({ length: 12 }, () => ({ datasetId: newId() }));
    await messageSender(queueUrl, scheduleCheckMessage, refusing).sendAll(messages);
    expect(refused).toBeGreaterThan(3);
    expect(await taken(queueUrl)).toHaveLength(12);
  });

  test('where its schema refuses one, none is sent', async () => {
    const queueUrl = await storage.createQueue();
    const sender = messageSender(queueUrl, scheduleCheckMessage, storage.sqs);
    await expect(sender.sendAll([{ datasetId: newId() }, { datasetId: 'no id' }])).rejects.toThrow(
      'datasetId',
    );
    expect(await received(queueUrl)).toEqual([]);
  });
});

/** A client whose batches lose their first message on the way while `isRefused` says so, as SQS tells of it. */
function refusingSqs(sqs: SQSClient, isRefused: () => boolean): SQSClient {
  const send = async (command: unknown) => {
    if (!(command instanceof SendMessageBatchCommand) || !isRefused()) return sqs.send(command as never);
    const [first, ...others] = command.input.Entries ?? [];
    if (others.length > 0) {
      await sqs.send(new SendMessageBatchCommand({ QueueUrl: command.input.QueueUrl, Entries: others }));
    }
    return { Failed: [{ Id: first?.Id, Code: 'InternalError', SenderFault: false }] };
  };
  return { send } as unknown as SQSClient;
}

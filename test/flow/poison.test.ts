import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { QUEUE_STAGES } from '#contracts/stages';
import { type Flow, startFlow } from '../support/flow.ts';
import { photo } from '../support/photos.ts';

let flow: Flow;
beforeAll(async () => {
  flow = await startFlow({ visibilityTimeoutCap: 1 });
}, 60_000);
afterAll(() => flow?.close());

test('a poison message reaches its dead-letter queue, and nothing else stops', async () => {
  const { region, accessKeyId, secretAccessKey, endpoints } = flow.cloud.connection;
  const sqs = new SQSClient({
    region,
    endpoint: endpoints.sqs,
    credentials: { accessKeyId, secretAccessKey },
  });
  for (const stage of QUEUE_STAGES) {
    const QueueUrl = flow.cloud.queueUrls[stage]!;
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: `{"poison":"${stage}"}` }));
  }
  await flow.configure('birds', { schedule: { minNewImages: 3 } });
  for (const scene of [1, 2, 3]) await flow.put(`birds/scene-${scene}.jpg`, await photo(scene));
  await flow.cloud.idle();
  sqs.destroy();

  const { runs, exports } = await flow.outcome('birds');
  expect(runs.map(({ state }) => state)).toEqual(['COMPLETED']);
  expect(exports.length).toBeGreaterThan(0);
  expect(flow.cloud.deadLetters()).toEqual(Object.fromEntries(QUEUE_STAGES.map((stage) => [stage, 1])));
}, 90_000);

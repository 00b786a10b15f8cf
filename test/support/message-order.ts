import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { QueueStage } from '#contracts/stages';
import { seededRandom } from '../../cli/demo/landscape.ts';
import type { Flow } from './flow.ts';

/** Takes every message out of a queue whose consumer is paused, and sends each twice, in another order. */
export async function shuffleMessages(flow: Flow, stage: QueueStage): Promise<void> {
  const { region, accessKeyId, secretAccessKey, endpoints } = flow.cloud.connection;
  const sqs = new SQSClient({
    region,
    endpoint: endpoints.sqs,
    credentials: { accessKeyId, secretAccessKey },
  });
  const QueueUrl = flow.cloud.queueUrls[stage] ?? '';
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) break;
    for (const { Body = '', ReceiptHandle } of Messages satisfies Message[]) {
      bodies.push(Body);
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
  const random = seededRandom(bodies.length);
  const shuffled = [...bodies, ...bodies]
    .map((body) => ({ body, position: random() }))
    .sort((a, b) => a.position - b.position);
  for (const { body } of shuffled) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
  sqs.destroy();
}

import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { QueueWorker } from '../constructs/queue-worker.ts';
import type { StageProps } from './stage-props.ts';

/** The first round of selections that are too large for one worker. */
export function createShard(
  scope: Construct,
  {
    storage,
    monitoring,
    memorySize,
  }: StageProps & { /** MB; a shard's facts are in it. */ readonly memorySize: number },
): QueueWorker {
  return new QueueWorker(scope, 'Shard', {
    stage: 'shard',
    description: 'Selects within one shard of the candidates of a large run.',
    memorySize,
    timeout: Duration.minutes(15),
    batchSize: 1,
    oldestMessageMinutes: 60,
    monitoring,
    outcomes: ['ShardsSelected'],
    access: [storage.table.read(), storage.platform.readAndWrite()],
  });
}

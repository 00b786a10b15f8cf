import type { NotificationConfiguration } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { ConflictError } from '#contracts/errors';
import { keeps, mergeNotifications, withEventBridge } from '../../cli/datasource/merge-notifications.ts';

const wanted = { id: 'winnow-1', queueArn: 'arn:queue', prefix: 'photos/' };
const about = (prefix: string, suffix = '') => ({
  Filter: {
    Key: {
      FilterRules: [
        { Name: 'Prefix' as never, Value: prefix },
        { Name: 'Suffix' as never, Value: suffix },
      ],
    },
  },
});
const lambda = (Events: string[], filter = {}): NotificationConfiguration => ({
  LambdaFunctionConfigurations: [
    { Id: 'theirs', LambdaFunctionArn: 'arn:lambda', Events: Events as never, ...filter },
  ],
});

describe('a notification beside others', () => {
  test('is added to none, below a path and of a whole bucket', () => {
    const merged = mergeNotifications({}, wanted);
    expect(merged?.QueueConfigurations).toEqual([
      {
        ...{ Id: 'winnow-1', QueueArn: 'arn:queue' },
        Events: expect.arrayContaining(['s3:ObjectCreated:*', 's3:ObjectRemoved:*']),
        Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'photos/' }] } },
      },
    ]);
    expect(mergeNotifications({}, { ...wanted, prefix: '' })?.QueueConfigurations?.[0]).not.toHaveProperty(
      'Filter',
    );
    expect(mergeNotifications(merged!, wanted)).toBeUndefined();
    expect(
      mergeNotifications(merged!, { ...wanted, id: 'winnow-2', prefix: 'photos/july/' }),
    ).toBeUndefined();
  });

  test.each([
    ['of other objects', lambda(['s3:ObjectCreated:*'], about('documents/'))],
    ['of other events', lambda(['s3:ReducedRedundancyLostObject', 's3:ObjectTagging:Put'])],
    ['to EventBridge', { EventBridgeConfiguration: {} }],
    [
      'to a topic',
      {
        TopicConfigurations: [
          { Id: 't', TopicArn: 'arn:t', Events: ['s3:ObjectRemoved:*' as never], ...about('x/') },
        ],
      },
    ],
  ])('keeps those %s as they are', (_, present: NotificationConfiguration) => {
    const merged = mergeNotifications(present, wanted)!;
    const { QueueConfigurations, ...others } = merged;
    expect(others).toEqual(present);
    expect(QueueConfigurations).toHaveLength(1);
    expect(keeps(merged, merged)).toBe(true);
    expect(keeps({ QueueConfigurations: QueueConfigurations! }, merged)).toBe(false);
  });

  test.each([
    ['all objects', lambda(['s3:ObjectCreated:*'])],
    ['some of the objects', lambda(['s3:ObjectCreated:Put'], about('photos/july/'))],
    ['a folder above', lambda(['s3:ObjectRemoved:Delete'], about('pho'))],
    ['some suffix', lambda(['s3:ObjectCreated:*'], about('', '.jpg'))],
    [
      "some events, to Winnow's own queue",
      { QueueConfigurations: [{ Id: 'x', QueueArn: 'arn:queue', Events: ['s3:ObjectCreated:*' as never] }] },
    ],
  ])('is refused where others are told of %s', (_, present: NotificationConfiguration) => {
    expect(() => mergeNotifications(present, wanted)).toThrow(ConflictError);
    expect(() => mergeNotifications(present, wanted)).toThrow('--events eventbridge');
  });

  test('takes the place of its own where the path is another one now', () => {
    const before = mergeNotifications(lambda(['s3:ObjectCreated:*'], about('documents/')), wanted)!;
    const after = mergeNotifications(before, { ...wanted, prefix: 'images/' })!;
    expect(after.QueueConfigurations).toHaveLength(1);
    expect(after.LambdaFunctionConfigurations).toEqual(before.LambdaFunctionConfigurations);
  });
});

test('EventBridge is turned on beside what is there, once', () => {
  const present = lambda(['s3:ObjectCreated:*']);
  const changed = withEventBridge(present)!;
  expect(changed).toEqual({ ...present, EventBridgeConfiguration: {} });
  expect(withEventBridge(changed)).toBeUndefined();
  expect(keeps(present, changed)).toBe(false);
});

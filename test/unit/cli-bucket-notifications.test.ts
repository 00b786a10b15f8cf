import type { NotificationConfiguration } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { ConflictError } from '#contracts/errors';
import { keeps, mergeNotifications, withEventBridge } from '../../cli/datasource/merge-notifications.ts';

const wanted = { queueArn: 'arn:queue', prefix: 'photos/' };
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
        ...{ Id: expect.stringMatching(/^winnow-[0-9a-f]{16}$/), QueueArn: 'arn:queue' },
        Events: expect.arrayContaining(['s3:ObjectCreated:*', 's3:ObjectRemoved:*']),
        Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'photos/' }] } },
      },
    ]);
    expect(mergeNotifications({}, { ...wanted, prefix: '' })?.QueueConfigurations?.[0]).not.toHaveProperty(
      'Filter',
    );
    expect(mergeNotifications(merged!, wanted)).toBeUndefined();
    expect(mergeNotifications(merged!, { ...wanted, prefix: 'photos/july/' })).toBeUndefined();
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

  test('leaves those of other places, which other datasets may need', () => {
    const before = mergeNotifications(lambda(['s3:ObjectCreated:*'], about('documents/')), wanted)!;
    const after = mergeNotifications(before, { ...wanted, prefix: 'images/' })!;
    expect(after.QueueConfigurations).toEqual([...before.QueueConfigurations!, expect.anything()]);
    expect(new Set(after.QueueConfigurations!.map(({ Id }) => Id)).size).toBe(2);
    expect(after.LambdaFunctionConfigurations).toEqual(before.LambdaFunctionConfigurations);
  });

  test('takes the place of its own ones of folders in it, with what somebody has added to their events', () => {
    const july = mergeNotifications({}, { ...wanted, prefix: 'photos/july/' })!;
    july.QueueConfigurations![0]!.Events!.push('s3:ObjectTagging:*', 's3:ObjectCreated:Put');
    const both = mergeNotifications(july, { ...wanted, prefix: 'documents/' })!;
    const after = mergeNotifications(both, wanted)!;
    expect(after.QueueConfigurations).toMatchObject(
      [about('documents/', '').Filter, about('photos/').Filter].map(
        ({
          Key: {
            FilterRules: [prefix],
          },
        }) => ({ Filter: { Key: { FilterRules: [{ Value: prefix!.Value }] } } }),
      ),
    );
    const events = after.QueueConfigurations![1]!.Events!;
    expect(events).toContain('s3:ObjectTagging:*');
    expect(events).not.toContain('s3:ObjectCreated:Put');
    expect(() =>
      mergeNotifications(
        { QueueConfigurations: [{ ...july.QueueConfigurations![0]!, Id: 'theirs' }] },
        wanted,
      ),
    ).toThrow(ConflictError);
  });

  test.each([
    ['raw images/', 'raw+images/'],
    ['写真/', '%E5%86%99%E7%9C%9F/'],
    ['a+b/100%/~x/(1)!/', 'a%2Bb/100%25/%7Ex/(1)!/'],
    ["schema=1/o'clock_2026-01.02*/", "schema%3D1/o'clock_2026-01.02*/"],
  ])('of %s is written %s, and compared as what it means', (prefix, written) => {
    const merged = mergeNotifications({}, { ...wanted, prefix })!;
    expect(merged.QueueConfigurations![0]!.Filter!.Key!.FilterRules).toEqual([
      { Name: 'prefix', Value: written },
    ]);
    expect(mergeNotifications(merged, { ...wanted, prefix })).toBeUndefined();
    expect(mergeNotifications(merged, { ...wanted, prefix: `${prefix}july/` })).toBeUndefined();
    const theirs = lambda(['s3:ObjectCreated:*'], about(written));
    expect(() => mergeNotifications(theirs, { ...wanted, prefix: `${prefix}july/` })).toThrow(ConflictError);
  });
});

test('EventBridge is turned on beside what is there, once', () => {
  const present = lambda(['s3:ObjectCreated:*']);
  const changed = withEventBridge(present)!;
  expect(changed).toEqual({ ...present, EventBridgeConfiguration: {} });
  expect(withEventBridge(changed)).toBeUndefined();
  expect(keeps(present, changed)).toBe(false);
});

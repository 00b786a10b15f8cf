import { describe, expect, test } from '@jest/globals';
import { InvalidInputError } from '#contracts/errors';
import { paddedSequencer, parseIngestMessage } from '#contracts/object-event';

const notification = (eventName: string, object: Record<string, unknown>): string =>
  JSON.stringify({
    Records: [{ eventVersion: '2.1', eventName, s3: { bucket: { name: 'landing' }, object } }],
  });

describe('S3 notifications', () => {
  test('a created object, its key decoded', () => {
    const key = 'birds/my+photo+%2B+100%25+%C3%A4.jpg';
    const body = notification('ObjectCreated:Put', {
      key,
      size: 7,
      eTag: 'e',
      versionId: 'v',
      sequencer: '0A',
    });
    expect(parseIngestMessage(body)).toEqual([
      {
        kind: 'created',
        bucket: 'landing',
        key: 'birds/my photo + 100% ä.jpg',
        size: 7,
        eTag: 'e',
        versionId: 'v',
        order: { by: 'sequencer', sequencer: paddedSequencer('0a') },
      },
    ]);
  });

  test('a permanent deletion names its version, a delete marker names none', () => {
    const object = { key: 'birds/a.jpg', versionId: 'v', sequencer: '1' };
    expect(parseIngestMessage(notification('ObjectRemoved:Delete', object))).toMatchObject([
      { kind: 'removed', versionId: 'v' },
    ]);
    const [marker] = parseIngestMessage(notification('ObjectRemoved:DeleteMarkerCreated', object));
    expect(marker?.kind).toBe('removed');
    expect(marker).not.toHaveProperty('versionId');
  });

  test('the test event and kinds of no interest hold nothing', () => {
    expect(parseIngestMessage(JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent' }))).toEqual([]);
    expect(parseIngestMessage(notification('ObjectAcl:Put', { key: 'birds/a.jpg' }))).toEqual([]);
    expect(parseIngestMessage(notification('ObjectRestore:Post', { key: 'birds/a.jpg' }))).toEqual([]);
  });

  test.each(['ObjectRestore:Completed', 'ObjectTagging:Put', 'ObjectTagging:Delete'])(
    '%s has what is there now looked at once more, whatever version it names',
    (eventName) => {
      const object = { key: 'birds/a+b.jpg', size: 7, eTag: 'e', versionId: 'old' };
      expect(parseIngestMessage(notification(eventName, object))).toEqual([
        {
          kind: 'created',
          bucket: 'landing',
          key: 'birds/a b.jpg',
          ...(eventName === 'ObjectRestore:Completed' && { archive: 'left' }),
          order: { by: 'observation', again: true },
        },
      ]);
    },
  );

  test.each([
    '',
    'null',
    '[]',
    '"text"',
    '{"Records":[{}]}',
    '{"Records":"x"}',
    '{}',
    '{"Event":"other"}',
    notification('ObjectCreated:Put', { key: 'birds/%.jpg' }),
    notification('ObjectCreated:Put', { key: '' }),
    notification('ObjectCreated:Put', { key: 'birds/a.jpg', size: -1 }),
    notification('ObjectCreated:Put', { key: 'birds/a.jpg', size: '7' }),
  ])('%p is refused', (body) => {
    expect(() => parseIngestMessage(body)).toThrow(InvalidInputError);
  });
});

describe('events of EventBridge', () => {
  const event = (type: string, detail: Record<string, unknown> = {}, object: Record<string, unknown> = {}) =>
    JSON.stringify({
      version: '0',
      source: 'aws.s3',
      'detail-type': type,
      account: '111122223333',
      time: '2026-03-01T10:00:00Z',
      resources: ['arn:aws:s3:::photos'],
      detail: {
        version: '0',
        bucket: { name: 'photos' },
        object: { key: '2026/my photo + 100%2F ä.jpg', ...object },
        ...detail,
      },
    });
  const TIME = Date.parse('2026-03-01T10:00:00Z');
  const key = '2026/my photo + 100%2F ä.jpg';

  test('a created object, its key as it is', () => {
    const object = { size: 7, etag: 'e', 'version-id': 'v', sequencer: '0A' };
    expect(parseIngestMessage(event('Object Created', {}, object))).toEqual([
      {
        kind: 'created',
        bucket: 'photos',
        key,
        size: 7,
        eTag: 'e',
        versionId: 'v',
        bornAt: TIME,
        order: { by: 'sequencer', sequencer: paddedSequencer('0a') },
      },
    ]);
  });

  test('an object that came by both ways is the same event twice', () => {
    const [byNotification] = parseIngestMessage(
      JSON.stringify({
        Records: [
          {
            eventName: 'ObjectCreated:Put',
            eventTime: '2026-03-01T10:00:00.000Z',
            s3: {
              bucket: { name: 'photos' },
              object: { key: 'a+b.jpg', size: 1, eTag: 'e', sequencer: '0B' },
            },
          },
        ],
      }),
    );
    const [byEventBridge] = parseIngestMessage(
      event('Object Created', {}, { key: 'a b.jpg', size: 1, etag: 'e', sequencer: '0B' }),
    );
    expect(byEventBridge).toEqual(byNotification);
  });

  test('a permanent deletion names its version, a delete marker names none', () => {
    const object = { 'version-id': 'v', sequencer: '1' };
    const deleted = event('Object Deleted', { 'deletion-type': 'Permanently Deleted' }, object);
    expect(parseIngestMessage(deleted)).toMatchObject([{ kind: 'removed', versionId: 'v' }]);
    const marked = event('Object Deleted', { 'deletion-type': 'Delete Marker Created' }, object);
    const [marker] = parseIngestMessage(marked);
    expect(marker?.kind).toBe('removed');
    expect(marker).not.toHaveProperty('versionId');
  });

  test.each(['Object Restore Completed', 'Object Tags Added', 'Object Tags Deleted'])(
    '%s has what is there now looked at once more, unless that was after its second',
    (type) => {
      const times = { at: TIME, since: TIME + 1_000 };
      expect(parseIngestMessage(event(type, {}, { etag: 'e', 'version-id': 'old' }))).toEqual([
        {
          ...{ kind: 'created', bucket: 'photos', key },
          ...(type === 'Object Restore Completed' && { archive: 'left' }),
          order: { by: 'observation', again: true, ...times },
        },
      ]);
    },
  );

  test('other kinds hold nothing', () => {
    expect(parseIngestMessage(event('Object Storage Class Changed'))).toEqual([]);
  });

  test.each([
    event('Object Created').replace('aws.s3', 'of.somebody'),
    event('Object Created', { bucket: {} }),
    event('Object Created', {}, { key: 1 }),
    event('Object Created', {}, { size: 0.5 }),
  ])('%p is refused', (body) => {
    expect(() => parseIngestMessage(body)).toThrow(InvalidInputError);
  });
});

describe('messages of SNS', () => {
  const envelope = (Message: string) =>
    JSON.stringify({ Type: 'Notification', TopicArn: 'arn:aws:sns:eu-west-1:111122223333:t', Message });

  test('hold a notification of S3', () => {
    const body = notification('ObjectCreated:Put', { key: 'birds/a+b.jpg', size: 7, sequencer: '1' });
    expect(parseIngestMessage(envelope(body))).toEqual(parseIngestMessage(body));
    expect(parseIngestMessage(envelope('{"Event":"s3:TestEvent"}'))).toEqual([]);
  });

  test('hold nothing else: not what only reconcile may say, and no envelope within one', () => {
    const event = { kind: 'removed', bucket: 'landing', key: 'a', order: { by: 'observation' } };
    const observation = JSON.stringify({ source: 'winnow', event });
    expect(parseIngestMessage(observation)).toHaveLength(1);
    expect(() => parseIngestMessage(envelope(observation))).toThrow(InvalidInputError);
    expect(() => parseIngestMessage(envelope(envelope('{"Records":[]}')))).toThrow(InvalidInputError);
    expect(() => parseIngestMessage(envelope('not JSON'))).toThrow(InvalidInputError);
  });
});

test('sequencers of different length compare as numbers', () => {
  expect(paddedSequencer('FF') < paddedSequencer('100')).toBe(true);
  expect(paddedSequencer('0055AED6DCD90281E5') < paddedSequencer('0055AED6DCD90281E6')).toBe(true);
});

test('an observation of reconcile is taken as it is', () => {
  const event = {
    kind: 'removed',
    bucket: 'landing',
    key: 'birds/a+b.jpg',
    order: { by: 'observation', seen: { sequencer: paddedSequencer('1'), eTag: 'e' } },
  };
  expect(parseIngestMessage(JSON.stringify({ source: 'winnow', event }))).toEqual([event]);
});

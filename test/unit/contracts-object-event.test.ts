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
    expect(parseIngestMessage(notification('ObjectTagging:Put', { key: 'birds/a.jpg' }))).toEqual([]);
  });

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
  ])('%p is refused', (body) => {
    expect(() => parseIngestMessage(body)).toThrow(InvalidInputError);
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
  expect(parseIngestMessage(JSON.stringify({ source: 'winnow:reconcile', event }))).toEqual([event]);
});

import { expect, test } from '@jest/globals';
import type { RawSample } from '#contracts/items';
import { paddedSequencer } from '#contracts/object-event';
import { isNewer } from '#platform/samples/raw-samples';

const stored = (sequencer: string, eTag = 'e'): RawSample => ({
  state: 'deleted',
  datasetId: 'a'.repeat(24),
  fileName: 'a.jpg',
  bucket: 'landing',
  key: 'birds/a.jpg',
  sequencer,
  eTag,
  size: 0,
  lastModified: 0,
  registeredAt: 0,
  pending: false,
});
const PLACE = { bucket: 'landing', key: 'birds/a.jpg' };
const at = (hex: string) => ({ by: 'sequencer' as const, sequencer: paddedSequencer(hex) });

test('an event is newer than nothing and than a smaller sequencer only', () => {
  expect(isNewer(at('5'), PLACE, undefined)).toBe(true);
  expect(isNewer(at('5'), PLACE, stored(paddedSequencer('4')))).toBe(true);
  expect(isNewer(at('5'), PLACE, stored(paddedSequencer('5')))).toBe(false);
  expect(isNewer(at('5'), PLACE, stored(paddedSequencer('A')))).toBe(false);
  expect(isNewer(at('5'), PLACE, stored(''))).toBe(true);
});

test('an event is newer than whatever is stored of another place: sequencers of two buckets tell nothing', () => {
  const newest = stored(paddedSequencer('F'));
  expect(isNewer(at('5'), { ...PLACE, bucket: 'theirs' }, newest)).toBe(true);
  expect(isNewer(at('5'), { ...PLACE, key: 'a.jpg' }, newest)).toBe(true);
});

test('an observation holds while the stored state is the one that was seen', () => {
  const seen = { sequencer: paddedSequencer('5'), eTag: 'e' };
  expect(isNewer({ by: 'observation', seen }, PLACE, stored(paddedSequencer('5')))).toBe(true);
  expect(isNewer({ by: 'observation', seen }, PLACE, stored(paddedSequencer('6')))).toBe(false);
  expect(isNewer({ by: 'observation', seen }, PLACE, stored(paddedSequencer('5'), 'other'))).toBe(false);
  expect(isNewer({ by: 'observation' }, PLACE, undefined)).toBe(true);
  expect(isNewer({ by: 'observation' }, PLACE, stored(paddedSequencer('5')))).toBe(false);
  expect(isNewer({ by: 'observation', seen }, PLACE, undefined)).toBe(false);
});

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
const at = (hex: string) => ({ by: 'sequencer' as const, sequencer: paddedSequencer(hex) });

test('an event is newer than nothing and than a smaller sequencer only', () => {
  expect(isNewer(at('5'), undefined)).toBe(true);
  expect(isNewer(at('5'), stored(paddedSequencer('4')))).toBe(true);
  expect(isNewer(at('5'), stored(paddedSequencer('5')))).toBe(false);
  expect(isNewer(at('5'), stored(paddedSequencer('A')))).toBe(false);
  expect(isNewer(at('5'), stored(''))).toBe(true);
});

test('an observation holds while the stored state is the one that was seen', () => {
  const seen = { sequencer: paddedSequencer('5'), eTag: 'e' };
  expect(isNewer({ by: 'observation', seen }, stored(paddedSequencer('5')))).toBe(true);
  expect(isNewer({ by: 'observation', seen }, stored(paddedSequencer('6')))).toBe(false);
  expect(isNewer({ by: 'observation', seen }, stored(paddedSequencer('5'), 'other'))).toBe(false);
  expect(isNewer({ by: 'observation' }, undefined)).toBe(true);
  expect(isNewer({ by: 'observation' }, stored(paddedSequencer('5')))).toBe(false);
  expect(isNewer({ by: 'observation', seen }, undefined)).toBe(false);
});

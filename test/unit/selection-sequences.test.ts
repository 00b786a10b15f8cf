import { describe, expect, test } from '@jest/globals';
import { parseWith } from '#contracts/schema';
import { type SelectionConfig, selectionConfig } from '#contracts/selection-config';
import { checkSequences } from '#selection/sequences/check-sequences';
import { selectSequences } from '#selection/sequences/select-sequences';
import { sequenceWindows } from '#selection/sequences/sequence-windows';

const windowsOf = (length: number, names: readonly string[]): string[] =>
  sequenceWindows(names, length).map((window) => window.map((position) => names[position]).join(' '));

describe('windows of consecutive images', () => {
  test('follow the number, not the order of characters; what is left at the end is in none', () => {
    expect(windowsOf(2, ['f10.jpg', 'f8.jpg', 'f9.jpg', 'f11.jpg', 'f12.jpg'])).toEqual([
      'f8.jpg f9.jpg',
      'f10.jpg f11.jpg',
    ]);
  });

  test('are of one folder, one name and one kind of file', () => {
    const names = ['a/f1.jpg', 'a/f2.jpg', 'b/f1.jpg', 'b/f2.jpg', 'b/g1.jpg', 'b/g2.png'];
    expect(windowsOf(2, names)).toEqual(['a/f1.jpg a/f2.jpg', 'b/f1.jpg b/f2.jpg']);
  });

  test('do not reach across a missing image', () => {
    expect(windowsOf(2, ['1.jpg', '2.jpg', '3.jpg', '5.jpg', '6.jpg'])).toEqual([
      '1.jpg 2.jpg',
      '5.jpg 6.jpg',
    ]);
  });

  test('take every tenth frame for consecutive where there is no other', () => {
    expect(windowsOf(3, ['v-000-mp4.png', 'v-010-mp4.png', 'v-020-mp4.png', 'v-040-mp4.png'])).toEqual([
      'v-000-mp4.png v-010-mp4.png v-020-mp4.png',
    ]);
  });

  test('an image without a number is in none', () => {
    expect(windowsOf(2, ['cat.jpg', 'dog.jpg', '1/cat.jpg', '2/cat.jpg'])).toEqual([]);
  });

  test('numbers that are alike, however written, never make a stretch longer than its images', () => {
    const windows = sequenceWindows(['1.jpg', '01.jpg', '2.jpg', '3.jpg'], 2).flat();
    expect(new Set(windows).size).toBe(windows.length);
  });
});

const DIVERSITY = { input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } };
const config = (document: object): SelectionConfig =>
  parseWith(selectionConfig, { strategies: [DIVERSITY], ...document }, 'selection');
/** Frames of videos that each stay at one place of the line. */
const frames = (videos: Readonly<Record<string, number>>, count: number) =>
  Object.entries(videos).flatMap(([video, place]) =>
    Array.from({ length: count }, (_, frame) => ({
      fileName: `${video}/${frame}.jpg`,
      embedding: Float32Array.of(place + frame / 100, 0),
      metadata: {},
    })),
  );

describe('selection of sequences', () => {
  test('takes whole windows, as many as fit, the first nearest to the mean and the next the farthest', async () => {
    const candidates = frames({ a: 0, b: 1, c: 1.2, d: 5 }, 3);
    const { chosen, stoppedBy } = await selectSequences(
      { config: config({ nSamples: 8 }), candidates, preselected: [] },
      3,
    );
    expect(chosen.map(({ index }) => candidates[index]?.fileName)).toEqual([
      ...['c/0.jpg', 'c/1.jpg', 'c/2.jpg'],
      ...['d/0.jpg', 'd/1.jpg', 'd/2.jpg'],
    ]);
    expect(chosen.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(chosen[4]?.reason).toMatch(/^Image 2 of the 3 of sequence 2\. /);
    expect(chosen[4]?.distance).toBeCloseTo(3.8, 5);
    expect(stoppedBy).toBe('count');
  });

  test('images that are in no window are left, and say why', async () => {
    const candidates = [
      ...frames({ a: 0 }, 5),
      { fileName: 'x.jpg', embedding: Float32Array.of(9, 9), metadata: {} },
    ];
    const { chosen, filteredOut } = await selectSequences(
      { config: config({ proportionSamples: 1 }), candidates, preselected: [] },
      2,
    );
    expect(chosen).toHaveLength(4);
    expect(filteredOut.map(({ index }) => candidates[index]?.fileName)).toEqual(['a/4.jpg', 'x.jpg']);
    expect(filteredOut[0]?.reason).toBe('In no sequence of 2 consecutive images.');
  });

  test('a small proportion is one sequence, where there is one', async () => {
    const request = { config: config({ proportionSamples: 0.01 }), preselected: [] };
    expect(
      (await selectSequences({ ...request, candidates: frames({ a: 0, b: 1 }, 2) }, 2)).chosen,
    ).toHaveLength(2);
    expect((await selectSequences({ ...request, candidates: frames({ a: 0, b: 1 }, 1) }, 2)).chosen).toEqual(
      [],
    );
  });

  test('keeps away from sequences of the datapool, and from single images of it', async () => {
    const candidates = frames({ a: 0, b: 3, c: 6 }, 2);
    const alone = { fileName: 'single.jpg', embedding: Float32Array.of(6, 0), metadata: {} };
    const preselected = [...frames({ p: 0 }, 2), alone];
    const { chosen } = await selectSequences({ config: config({ nSamples: 2 }), candidates, preselected }, 2);
    expect(chosen.map(({ index }) => candidates[index]?.fileName)).toEqual(['b/0.jpg', 'b/1.jpg']);
  });
});

describe('what can not be done with sequences', () => {
  const other = { input: { type: 'METADATA', key: 'lightly.sharpness' }, strategy: { type: 'WEIGHTS' } };
  test.each([
    [
      { nSamples: 20, strategies: [DIVERSITY, other] },
      /^strategies\[1\]\.strategy\.type: WEIGHTS .*DIVERSITY/,
    ],
    [
      { nSamples: 20, strategies: [{ ...DIVERSITY, input: { type: 'EMBEDDINGS', task: 't' } }] },
      /^strategies\[0\]\.input\.task/,
    ],
    [{ nSamples: 4 }, /^nSamples: 4 .*at least 5/],
  ])('%j is refused with its path', (document, message) => {
    expect(() => checkSequences(config(document), 5)).toThrow(message);
    expect(() => checkSequences(config(document), 1)).not.toThrow();
  });
});

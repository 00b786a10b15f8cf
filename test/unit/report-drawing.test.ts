import { describe, expect, test } from '@jest/globals';
import { roundTicks } from '#report/drawing/axis';
import { flowChart } from '#report/drawing/flow-chart';
import { histogram } from '#report/drawing/histogram';
import { durationText, measureText, percentText, roundText } from '#report/drawing/number-text';
import { scatterPlot } from '#report/drawing/scatter-plot';
import { elidedInTheMiddle, textWidth } from '#report/drawing/text-width';

describe('numbers', () => {
  test.each([
    [0, '0'],
    [0.99963, '1.00'],
    [0.831, '0.831'],
    [26_399.4, '26,399'],
    [0.00001234, '1.23e-5'],
    [-2.5, '-2.50'],
  ])('%d has three digits', (value, text) => expect(measureText(value)).toBe(text));

  test('of an axis are round', () => {
    expect(roundTicks([0.07, 1.02], 4)).toEqual([0.25, 0.5, 0.75, 1]);
    expect(roundTicks([3, 3], 4)).toEqual([3]);
    // Neighbours that a float64 can hardly tell apart, as of identifiers, and the whole range of it.
    expect(roundTicks([1e17, 1e17 + 16], 4)).toEqual([1e17]);
    expect(roundTicks([-1e308, 1e308], 4)).toEqual([-1e308, 0, 1e308]);
    expect([0.25, 1, 100, 1_500].map(roundText)).toEqual(['0.25', '1', '100', '1,500']);
  });

  test('have their units', () => {
    expect([0.1234, 0.012, 0.0001, 0].map(percentText)).toEqual(['12 %', '1.2 %', '< 0.1 %', '0 %']);
    expect([420, 31_000, 125_000, 3_840_000].map(durationText)).toEqual([
      '0.42 s',
      '31.0 s',
      '2 min 5 s',
      '1 h 4 min',
    ]);
  });
});

test('a long name keeps its beginning and its end', () => {
  const long = `${'a folder/'.repeat(30)}👩‍👩‍👧 photo-000017.jpeg`;
  const elided = elidedInTheMiddle(long, 120, 11);
  expect(textWidth(elided, 11)).toBeLessThanOrEqual(120);
  expect(elided).toMatch(/^a fol.*….*17\.jpeg$/);
  expect(elidedInTheMiddle('short.jpg', 120, 11)).toBe('short.jpg');
});

describe('drawings', () => {
  const distribution = (counts: number[]) => ({
    counts,
    metrics: { mean: 1, std: 0, min: 0, median: 1, max: 2 },
  });

  test('a histogram shows shares, so that sets of different sizes lie over each other', () => {
    const { shapes } = histogram('Title', 'unit', { range: [0, 2], bins: 2 }, [
      { label: 'input', distribution: distribution([50, 50]), role: 'input' },
      { label: 'selected', distribution: distribution([1, 1]), role: 'selected' },
    ]);
    const areas = shapes.flatMap((shape) => (shape.kind === 'path' && shape.fill ? [shape.d] : []));
    expect(areas).toHaveLength(2);
    expect(areas[0]).toBe(areas[1]);
  });

  test('a flow ends with what is left of the whole', () => {
    const { shapes } = flowChart('Title', { label: 'read', count: 10, ink: 'ink' }, [
      { label: 'gone', count: 8, ink: 'neutral' },
      { label: 'selected', count: 2, ink: 'accent' },
    ]);
    const [whole, gone, selected] = shapes.filter((shape) => shape.kind === 'rect');
    expect(selected?.x).toBe(whole?.x);
    expect((selected?.width ?? 0) + (gone?.width ?? 0)).toBeCloseTo(whole?.width ?? 0, 5);
    expect(gone?.x).toBeCloseTo((selected?.x ?? 0) + (selected?.width ?? 0), 5);
  });

  test('thumbnails of a plot do not cover each other', () => {
    const points = Array.from({ length: 40 }, (_, at): [number, number] => [at % 8, Math.floor(at / 8)]);
    const exampleImages = points.slice(0, 12).map((location, at) => ({ location, filename: `${at}.jpg` }));
    const { shapes, width, height } = scatterPlot('Title', {
      input2dEmbeddings: points,
      selectedExcludingDatapool2dEmbeddings: points,
      exampleImages,
    });
    const images = shapes.filter((shape) => shape.kind === 'image');
    expect(images.length).toBeGreaterThan(6);
    for (const [at, { x, y, side }] of images.entries()) {
      expect(x >= 0 && y >= 0 && x + side <= width && y + side <= height).toBe(true);
      for (const other of images.slice(at + 1)) {
        expect(Math.abs(other.x - x) >= side || Math.abs(other.y - y) >= side).toBe(true);
      }
    }
  });
});

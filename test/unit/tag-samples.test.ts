import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hasIndex, maskOfIndexes, maskOfRange } from '#platform/tags/bit-mask';
import { rangesOf } from '#platform/tags/index-ranges';
import { everyRowOfTag, rowsOfTag, sizeOfPage } from '#platform/tags/tag-samples';
import { collect } from '../support/documents.ts';

/** A dataset of which every index can be read, that counts what is asked of it. */
function readable() {
  const asked = { requests: 0, rows: 0, atOnce: 0, mostAtOnce: 0 };
  const read = async function* (_datasetId: string, from: number, to: number) {
    asked.requests += 1;
    asked.atOnce += 1;
    asked.mostAtOnce = Math.max(asked.mostAtOnce, asked.atOnce);
    for (let index = from; index < to; index++) {
      asked.rows += 1;
      yield { index };
    }
    await new Promise((resolve) => setImmediate(resolve));
    asked.atOnce -= 1;
  };
  return { asked, read };
}
const tag = (bitMaskData: string) => ({ id: 't', datasetId: 'd', bitMaskData });

describe('ranges that may have gaps', () => {
  test('hold every index, begin and end with one, and leave out wide gaps', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(500)), fc.nat(20), (drawn, widest) => {
        const ascending = drawn.toSorted((a, b) => a - b);
        const ranges = [...rangesOf(ascending, widest)];
        for (const index of ascending) {
          expect(ranges.filter(({ from, to }) => index >= from && index < to)).toHaveLength(1);
        }
        for (const { from, to } of ranges) {
          expect(ascending).toContain(from);
          expect(ascending).toContain(to - 1);
        }
        ranges.slice(1).forEach(({ from }, at) => {
          expect(from - ranges[at]!.to).toBeGreaterThan(widest);
        });
      }),
    );
  });
});

describe('the samples of a tag', () => {
  test('are read page by page, each once and in order, whatever the mask', async () => {
    const indexes = fc.uniqueArray(fc.nat(2_000), { maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(indexes, fc.integer({ min: 1, max: 70 }), async (drawn, size) => {
        const ascending = drawn.toSorted((a, b) => a - b);
        const mask = maskOfIndexes(drawn, 2_001);
        const found: number[] = [];
        for (let offset = 0; ; offset += size) {
          const page = await collect(rowsOfTag(tag(mask), { offset, size }, readable().read));
          expect(page).toHaveLength(sizeOfPage(mask, { offset, size }));
          found.push(...page.map(({ index }) => index));
          if (page.length < size) break;
        }
        expect(found).toEqual(ascending);
        expect(ascending.every((index) => hasIndex(mask, index))).toBe(true);
      }),
    );
  });

  test('that lie together are one request; scattered ones are read some at a time', async () => {
    const together = readable();
    expect(await collect(rowsOfTag(tag(maskOfRange(5, 90_005)), {}, together.read))).toHaveLength(90_000);
    expect(together.asked.requests).toBe(1);

    const everyTenth = Array.from({ length: 9_000 }, (_, at) => at * 10);
    const near = readable();
    await collect(rowsOfTag(tag(maskOfIndexes(everyTenth, 90_000)), {}, near.read));
    expect(near.asked.requests).toBe(1);

    const everyThousandth = Array.from({ length: 300 }, (_, at) => at * 1_000);
    const far = readable();
    await collect(rowsOfTag(tag(maskOfIndexes(everyThousandth, 300_000)), {}, far.read));
    expect(far.asked).toMatchObject({ requests: 300, rows: 300, mostAtOnce: 16 });
  });

  test('are no more than the tag has', async () => {
    const { read } = readable();
    expect(await collect(rowsOfTag(tag('0x0'), {}, read))).toEqual([]);
    expect(await collect(rowsOfTag(tag('0xf'), { offset: 4, size: 10 }, read))).toEqual([]);
    expect(sizeOfPage('0xf', { offset: 9 })).toBe(0);
    expect(hasIndex('0xf', 4)).toBe(false);
    expect(hasIndex('0xf', 400)).toBe(false);
  });

  test('are an error at the end of the page where one of them is not there, and none on other pages', async () => {
    const { read } = readable();
    const withoutFour = async function* (datasetId: string, from: number, to: number) {
      for await (const row of read(datasetId, from, to)) if (row.index !== 4) yield row;
    };
    const found: number[] = [];
    const reading = async () => {
      for await (const { index } of everyRowOfTag(tag('0xff'), { offset: 3, size: 3 }, withoutFour))
        found.push(index);
    };
    await expect(reading()).rejects.toMatchObject({
      code: 'SAMPLES_MISSING',
      message: expect.stringContaining('2 of 3'),
    });
    expect(found).toEqual([3, 5]);
    expect(await collect(everyRowOfTag(tag('0xff'), { offset: 5 }, withoutFour))).toHaveLength(3);
  });
});

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { EXPORT_FORMATS } from '#contracts/settings';
import { EXPORT_WRITERS } from '#formats/formats';
import { HEADER, rowOf, sampleOf } from '../support/export-rows.ts';

const ROWS = 200_000;
/** A row of the widest format has about 1.5 kB: 300 MB in all, were it kept. */
const MOST_GROWTH_IN_BYTES = 10_000_000;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function heapInUse(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

describe.each(EXPORT_FORMATS)('%s', (format) => {
  test('writes 200,000 rows in flat memory, never more than a row ahead', async () => {
    const template = sampleOf('photo.jpg');
    let read = 0;
    async function* rows() {
      for (; read < ROWS; read++) yield rowOf({ ...template, index: read, fileName: `photo-${read}.jpg` });
    }
    let chunks = 0;
    let mostAhead = 0;
    let atStart = 0;
    for await (const chunk of EXPORT_WRITERS[format].write(rows(), HEADER)) {
      if (chunk.includes('photo-')) chunks++;
      mostAhead = Math.max(mostAhead, read - chunks);
      if (chunks === 1_000 && atStart === 0) atStart = heapInUse();
    }
    expect(chunks).toBe(ROWS);
    expect(mostAhead).toBeLessThanOrEqual(1);
    expect(heapInUse() - atStart).toBeLessThan(MOST_GROWTH_IN_BYTES);
  });
});

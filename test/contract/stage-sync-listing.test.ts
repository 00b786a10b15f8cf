import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import type { ListingPass } from '../../bench/listing.ts';

const COUNT = 20_000;
/** MiB of heap; what the program and the SDK need before anything is listed is most of it. */
const HEAP = 56;

test('memory does not grow with a bucket; a pass over what is known lists it and asks for nothing else', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...[`--max-old-space-size=${HEAP}`, '--disable-warning=ExperimentalWarning'],
    ...['bench/listing.ts', '--objects', String(COUNT)],
  ]);
  const passes = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line.slice(line.indexOf('{'))) as ListingPass);
  const [first, second, third] = passes;
  expect(first).toMatchObject({ items: 0, messages: COUNT });
  expect(second).toMatchObject({ items: COUNT, messages: 0 });
  expect(third).toMatchObject({ ranges: 0, items: 0, messages: 0 });
  // A page has a thousand names, and each of sixteen parts a page that is not full.
  expect(third?.requests).toBeLessThanOrEqual(COUNT / 1000 + 16);
}, 120_000);

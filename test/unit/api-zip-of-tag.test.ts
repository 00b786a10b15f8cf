import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { newLandingDataset } from '#platform/datasets/datasets';
import { pathInZip, zipOfTag } from '../../functions/api/wire/zip-of-tag.ts';
import { newId, someSample, someTag } from '../support/documents.ts';

const datasetId = newId();
const buckets = { landing: 'landing', platform: 'platform' };
const dataset = newLandingDataset(datasetId, 'shop', buckets, 0);

/** The zip of a tag of three images, each of which is what `bytes` says, with those that are open. */
function zipOf(bytes: () => Readable) {
  const opened: Readable[] = [];
  const deps = {
    buckets,
    datasources: { get: async () => undefined },
    datasourceConnections: { open: async () => Promise.reject(new Error('There is no datasource.')) },
    samples: {
      names: async function* () {},
      range: async function* () {
        for (const index of [0, 1, 2]) yield someSample(datasetId, index);
      },
    },
    images: {
      open: async () => {
        const body = bytes();
        opened.push(body);
        return { body, name: 'a', eTag: 'e', size: 1, lastModified: 0, metadata: {}, tagCount: 0 };
      },
    },
  };
  const tag = someTag(datasetId, { bitMaskData: '0x7', totSize: 3 });
  return { parts: zipOfTag({ dataset, tag }, deps as never), opened };
}

test('whoever stops reading a zip leaves nothing open', async () => {
  const endless = () => Readable.from(endlessly());
  const { parts, opened } = zipOf(endless);
  for await (const part of parts) {
    expect(part.length).toBeGreaterThan(0);
    if (opened.length > 0) break;
  }
  expect(opened).toHaveLength(1);
  expect(opened.every(({ destroyed }) => destroyed)).toBe(true);
});

test('an image that breaks off ends the zip with an error', async () => {
  const { parts, opened } = zipOf(() => Readable.from(breaking()));
  await expect(Array.fromAsync(parts)).rejects.toThrow('connection lost');
  expect(opened).toHaveLength(1);
});

test.each([
  ['folder/a.jpg', 'folder/a.jpg'],
  ['../a.jpg', '_/a.jpg'],
  ['a/../../b.jpg', 'a/_/_/b.jpg'],
  ['/a.jpg', '_/a.jpg'],
  ['a\\..\\b.jpg', 'a/_/b.jpg'],
  ['c:a.jpg', '_c:a.jpg'],
  ['a//b', 'a/_/b'],
  ['a/', 'a/_'],
  ['x\0y', 'x_y'],
])('the file %j unpacks as %s', (fileName, path) => {
  expect(pathInZip(fileName)).toBe(path);
});

function* endlessly() {
  for (;;) yield Buffer.alloc(65_536);
}
function* breaking() {
  yield Buffer.alloc(10);
  throw new Error('connection lost');
}

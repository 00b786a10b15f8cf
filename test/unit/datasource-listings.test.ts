import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { WritableDatasource } from '#platform/datasources/datasource-objects';
import { type FilesInScope, listFiles } from '#platform/datasources/listing/list-files';
import {
  documentFolder,
  LISTED_SAMPLES,
  type ListedFiles,
  listedDocuments,
  relevantAmong,
} from '#platform/datasources/listing/listed-files';
import { parseRelevantFiles } from '#platform/datasources/listing/relevant-files';
import { splitListing } from '#platform/datasources/listing/split-listing';
import { byUtf8Bytes, type NameRange } from '#platform/datasources/name-order';
import { datasourceWith } from '../support/datasource-files.ts';

const clock = (): number => 0;

const scopeOf = (listed: ListedFiles, list?: string, times = { from: 0, to: 10 }): FilesInScope => ({
  listed,
  relevant: relevantAmong(listed, list === undefined ? undefined : parseRelevantFiles(Buffer.from(list))),
  ...times,
});

/** All pages of a range, as a client reads them. */
async function allIn(objects: WritableDatasource, scope: FilesInScope, range: NameRange = {}) {
  const names: string[] = [];
  let after = range.after;
  for (;;) {
    const page = await listFiles(objects, scope, { ...range, after }, clock);
    names.push(...page.names);
    if (page.next === undefined) return names;
    after = page.next;
  }
}

describe('a listing of raw samples', () => {
  test('has images and videos, and neither other files nor what programs made of them', async () => {
    const images = ['A.PNG', 'b/c.jpeg', 'b/d.tif', 'clip.mp4', 'z.avi'];
    const others = [
      '.lightly/thumbnails/A_thumb.webp',
      '.lightly/frames/x.png',
      'notes.txt',
      'jpg',
      'b/.png',
    ];
    const hostile = ['../up.png', '/absolute.png', 'a/../b.png', './here.png', 'a\u0000b.png'];
    const objects = datasourceWith([...images, ...others, ...hostile]);
    expect(await allIn(objects, scopeOf(LISTED_SAMPLES))).toEqual(images);
  });

  test('skips the folder of thumbnails without reading through it', async () => {
    const thumbnails = Array.from({ length: 30_000 }, (_, at) => `.lightly/thumbnails/${at}_thumb.webp`);
    const objects = datasourceWith([...thumbnails, 'a.png']);
    expect(await allIn(objects, scopeOf(LISTED_SAMPLES))).toEqual(['a.png']);
    expect(objects.requests.lists).toBeLessThan(4);
  });

  test('has what was modified from one second to another, both included', async () => {
    const seconds: Record<string, number> = { 'a.png': 4.999, 'b.png': 5, 'c.png': 7.999, 'd.png': 8 };
    const lastModified = (name: string) => (seconds[name] ?? 0) * 1000;
    const objects = datasourceWith(Object.keys(seconds), { lastModified });
    expect(await allIn(objects, scopeOf(LISTED_SAMPLES, undefined, { from: 5, to: 7 }))).toEqual([
      'b.png',
      'c.png',
    ]);
  });

  test('goes on after pages on which nothing is listed', async () => {
    const notes = Array.from({ length: 25_000 }, (_, at) => `a/${at}.txt`);
    const objects = datasourceWith([...notes, 'z.png']);
    const first = await listFiles(objects, scopeOf(LISTED_SAMPLES), {}, clock);
    expect(first).toEqual({ names: [], next: expect.any(String) });
    expect(await allIn(objects, scopeOf(LISTED_SAMPLES))).toEqual(['z.png']);
  });

  test('ends a page when its time is up, where names take long, and misses none', async () => {
    const objects = datasourceWith(Array.from({ length: 50 }, (_, at) => `${at + 100}.png`));
    let ms = 0;
    const slowly = () => (ms += 1_000);
    const first = await listFiles(objects, scopeOf(LISTED_SAMPLES), {}, slowly);
    expect(first.names.length).toBeLessThan(10);
    const rest = await allIn(objects, scopeOf(LISTED_SAMPLES), { after: first.next! });
    expect([...first.names, ...rest]).toHaveLength(50);
  });
});

describe('relevant files', () => {
  const bucket = [1, 2, 3, 40, 41, 42].map((number) => `subdir/image_${number}.png`);
  const objects = datasourceWith([...bucket, 'image_1.png', 'image 2.png', 'other/x.png']);

  test('are single files, and prefixes without what patterns take out', async () => {
    const list =
      'image_1.png\r\n\nimage 2.png\nnot-there.png\n' +
      'subdir/* subdir/image_4* !subdir/image_41.png !subdir/image_42.png\n';
    expect(await allIn(objects, scopeOf(LISTED_SAMPLES, list))).toEqual([
      'image 2.png',
      'image_1.png',
      ...[1, 2, 3, 41, 42].map((number) => `subdir/image_${number}.png`),
    ]);
  });

  test('are listed once, however often they are named', async () => {
    const list = 'subdir/image_1.png\nsubdir/image_1.png\nsubdir/*\nsubdir/image_4*\n*';
    expect(await allIn(objects, scopeOf(LISTED_SAMPLES, list))).toEqual(
      ['image 2.png', 'image_1.png', 'other/x.png', ...bucket].sort(byUtf8Bytes),
    );
  });

  test.each([
    ['an absolute path', 'a.png\n/etc/passwd', 'line 2'],
    ['a way out', '../a.png', 'line 1'],
    ['a way out in a prefix', 'a/../*', 'line 1'],
    ['something after the star', 'a/*.png', 'line 1'],
    ['endless patterns', `a/* ${'x '.repeat(101)}`, 'line 1'],
    ['endless prefixes', 'a*\n'.repeat(1001), '1000'],
    ['endless lines', '\n'.repeat(500_001), '500000'],
  ])('are refused with %s', (_, list, named) => {
    expect(() => parseRelevantFiles(Buffer.from(list))).toThrow(named);
  });

  test('are refused where they are no text', () => {
    expect(() => parseRelevantFiles(Buffer.from([0xff, 0xfe, 0x00]))).toThrow('UTF-8');
  });

  test('limit predictions to those of relevant images and of frames of relevant videos', async () => {
    const folder = documentFolder('predictions', 'task/one');
    const about = ['a/1.json', 'a/2.json', 'clip-000-mp4.json', 'clip-001-mp4.json', 'clip-x-mp4.json'];
    const others = ['schema.json', 'a/3.json', 'cli.json', 'b/4.json', 'b/5.json', 'b/5.txt'];
    const documents = datasourceWith([...about, ...others].map((name) => folder + name));
    const list = 'a/1.jpg\na/2.PNG\nclip.mp4\nb/* b/5.*';
    const names = await allIn(documents, scopeOf(listedDocuments(folder), list));
    expect(names.map((name) => name.slice(folder.length))).toEqual([
      'a/1.json',
      'a/2.json',
      'b/4.json',
      'clip-000-mp4.json',
      'clip-001-mp4.json',
    ]);
  });
});

/** Names as people and cameras make them, and odd ones. */
const someNames = fc
  .uniqueArray(
    fc.oneof(
      fc.integer({ min: 0, max: 99_999 }).map((number) => `img_${String(number).padStart(6, '0')}`),
      fc.stringMatching(/^[ab]{1,6}(\/[ab]{1,3}){0,3}$/),
      fc.constantFrom('folder/', 'ä/ö', '\u{1f600}', '\ufffd', 'x'.repeat(300)),
    ),
    { maxLength: 120 },
  )
  .map((names) => names.map((name) => `${name}.png`));

describe('a split listing', () => {
  test('has every file in exactly one part', async () => {
    await fc.assert(
      fc.asyncProperty(someNames, fc.integer({ min: 1, max: 70 }), async (names, shards) => {
        const objects = pagedBy(7, datasourceWith(names));
        const scope = scopeOf(LISTED_SAMPLES);
        const ranges = await splitListing(objects, scope.relevant, shards);
        expect(ranges.length).toBeGreaterThan(0);
        expect(ranges.length).toBeLessThanOrEqual(shards);
        const parts = await Promise.all(ranges.map((range) => allIn(objects, scope, range)));
        expect(parts.flat()).toEqual(names.filter(LISTED_SAMPLES.isListed).sort(byUtf8Bytes));
      }),
      { numRuns: 300 },
    );
  });

  test('has every relevant file in exactly one part', async () => {
    await fc.assert(
      fc.asyncProperty(someNames, fc.integer({ min: 2, max: 20 }), async (names, shards) => {
        const objects = pagedBy(7, datasourceWith(names));
        const list = [...names.filter((_, at) => at % 2 === 0), 'img_0*', 'a* *b.png'].join('\n');
        const scope = scopeOf(LISTED_SAMPLES, list);
        const whole = await allIn(objects, scope);
        const ranges = await splitListing(objects, scope.relevant, shards);
        const parts = await Promise.all(ranges.map((range) => allIn(objects, scope, range)));
        expect(parts.flat()).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ['numbered images', (at: number) => `datasets/2024/camera/img_${String(at).padStart(6, '0')}.png`],
    ['random names', (at: number) => `${((at * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0')}.png`],
    ['images in folders', (at: number) => `day-${at % 30}/${at}.png`],
  ])('divides %s into parts of much the same size, with few requests', async (_, nameAt) => {
    const names = Array.from({ length: 8000 }, (_, at) => nameAt(at));
    const objects = datasourceWith(names);
    const scope = scopeOf(LISTED_SAMPLES);
    const ranges = await splitListing(objects, scope.relevant, 4);
    expect(objects.requests.lists).toBeLessThan(120);
    expect(ranges).toHaveLength(4);
    const parts = await Promise.all(ranges.map((range) => allIn(objects, scope, range)));
    expect(Math.min(...parts.map(({ length }) => length))).toBeGreaterThan(500);
    expect(parts.flat()).toEqual([...names].sort(byUtf8Bytes));
  });
});

/** So that small sets of names have pages, as large ones do. */
const pagedBy = (most: number, objects: WritableDatasource): WritableDatasource => ({
  ...objects,
  list: (request) => objects.list({ ...request, limit: Math.min(request.limit, most) }),
});

import { describe, expect, test } from '@jest/globals';
import { landingPages } from '../../functions/reconcile/landing-pages.ts';

async function pagesOf(keys: string[], pageSize: number): Promise<string[]> {
  const listing = (async function* () {
    for (const key of keys) yield { key, eTag: 'e', size: 1, lastModified: 0 };
  })();
  const pages: string[] = [];
  for await (const { datasetName, objects, isFirst, isLast } of landingPages(listing, pageSize)) {
    const names = objects.map(({ fileName }) => fileName).join(' ');
    pages.push(`${isFirst ? '[' : ''}${datasetName}: ${names}${isLast ? ']' : ''}`);
  }
  return pages;
}

describe('the pages of a listing of the landing bucket', () => {
  test('hold objects of one dataset each and tell where it begins and ends', async () => {
    const keys = ['cats/1', 'cats/2', 'cats/3', 'dogs/1', 'dogs/2', 'owls/a/b'];
    expect(await pagesOf(keys, 2)).toEqual(['[cats: 1 2', 'cats: 3]', '[dogs: 1 2]', '[owls: a/b]']);
  });

  test('leave out what is no image of a dataset', async () => {
    const keys = ['alone.jpg', 'cats/', 'cats/.lightly/thumbnails/x.webp', 'cats/1', 'x/1', '_no/1'];
    expect(await pagesOf(keys, 2)).toEqual(['[cats: 1]']);
  });

  test('are none where there is nothing', async () => {
    expect(await pagesOf([], 2)).toEqual([]);
  });
});

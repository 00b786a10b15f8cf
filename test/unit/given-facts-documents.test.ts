import { describe, expect, test } from '@jest/globals';
import { existingDocuments } from '#platform/given-facts/document-files';
import { lightlyFolder } from '../support/lightly-folder.ts';

const FOLDER = '.lightly/predictions/cars/';

/** Which documents of these images there are, of a folder with those of `present`. */
async function find(present: readonly string[], wanted: readonly string[]) {
  const folder = lightlyFolder(
    Object.fromEntries(present.map((name) => [`predictions/cars/${name}.json`, 'x'])),
  );
  const names = wanted.map((name) => `${FOLDER}${name}.json`);
  const found = await existingDocuments(folder.objects, names);
  const stems = found.map(({ name }) => name.slice(FOLDER.length, -'.json'.length));
  return { stems, lists: folder.requests.lists };
}

describe('finding documents', () => {
  const names = Array.from({ length: 5_000 }, (_, at) => `folder ${at % 7}/ä ${at}`);

  test('takes one request for a thousand of them', async () => {
    const { stems, lists } = await find(names, names);
    expect(stems.toSorted()).toEqual(names.toSorted());
    expect(lists).toBeLessThanOrEqual(5 + 2 * 8);
  });

  test('asks for no name that is longer than a key can be', async () => {
    expect(await find(['a'], ['n'.repeat(1_000)])).toEqual({ stems: [], lists: 0 });
    expect((await find(['a'], ['a', 'ä'.repeat(500)])).stems).toEqual(['a']);
  });

  test('takes no request for each one that is not there', async () => {
    const others = names.map((name) => `${name} is not there`);
    const { stems, lists } = await find(names, [...others, 'folder 3/ä 3']);
    expect(stems).toEqual(['folder 3/ä 3']);
    expect(lists).toBeLessThanOrEqual(5 + 2 * 8);
  });

  test('of a few images does not list the whole folder', async () => {
    const { stems, lists } = await find(names, ['folder 0/ä 0', 'folder 6/ä 4997', 'z']);
    expect(stems).toEqual(['folder 0/ä 0', 'folder 6/ä 4997']);
    expect(lists).toBeLessThanOrEqual(3);
  });

  test('gets over names that come right before a wanted one', async () => {
    const before = Array.from({ length: 2_500 }, (_, at) => `a.jso!${at}`);
    expect((await find([...before, 'a'], ['a'])).stems).toEqual(['a']);
  });

  test('tells characters apart that begin with the same half', async () => {
    expect((await find(['🙂', '🙃/b'], ['🙂', '🙃/b', '🙃/c'])).stems).toEqual(['🙂', '🙃/b']);
  });

  test('of no images asks for nothing', async () => {
    expect(await find(names, [])).toEqual({ stems: [], lists: 0 });
  });
});

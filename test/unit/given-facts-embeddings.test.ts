import { describe, expect, test } from '@jest/globals';
import { givenEmbeddings } from '#platform/given-facts/given-embeddings';
import { lightlyFolder } from '../support/lightly-folder.ts';

const CSV = 'filenames,embedding_0,embedding_1,labels\na.jpg,3,4,0\n"b, c.jpg",0,2,0\nother.jpg,1,1,0\n';

async function read(csv: string, { file = 'mine.csv', isNormalized = true } = {}) {
  const { objects } = lightlyFolder({ 'embeddings/mine.csv': csv });
  const vectors = await givenEmbeddings(
    { file, isNormalized, fileNames: ['a.jpg', 'b, c.jpg', 'd.jpg'] },
    objects,
  );
  return Object.fromEntries([...vectors].map(([name, vector]) => [name, [...vector]]));
}

describe('vectors in a file', () => {
  test('are those of the images of the run, of unit length', async () => {
    const six = Math.fround(0.6);
    const eight = Math.fround(0.8);
    expect(await read(CSV)).toEqual({ 'a.jpg': [six, eight], 'b, c.jpg': [0, 1] });
  });

  test('are as they are, where they are not to be normalised', async () => {
    expect(await read(CSV, { isNormalized: false })).toEqual({ 'a.jpg': [3, 4], 'b, c.jpg': [0, 2] });
  });

  test('are found by the whole path too', async () => {
    expect(Object.keys(await read(CSV, { file: '.lightly/embeddings/mine.csv' }))).toHaveLength(2);
  });

  test.each<[string, string, RegExp]>([
    ['a vector without a direction', 'filenames,embedding_0,labels\na.jpg,0,0\n', /'a.jpg' is zero/],
    ['two rows of an image', 'filenames,embedding_0,labels\na.jpg,1,0\na.jpg,1,0\n', /'a.jpg' has two rows/],
    ['no row of an image of the run', 'filenames,embedding_0,labels\nx.jpg,1,0\n', /no row for any/],
    ['a text for a number', 'filenames,embedding_0,labels\na.jpg,one,0\n', /Row 2: column 2/],
    ['another header', 'name,x\na.jpg,1\n', /first column must be 'filenames'/],
  ])('with %s are refused', async (_, csv, reason) => {
    await expect(read(csv)).rejects.toThrow(reason);
  });

  test.each([
    ['missing.csv', /docker.embeddings: .lightly\/embeddings\/missing.csv .*no such file/],
    ['../../secret.csv', /docker.embeddings/],
  ])('are not there in %s', async (file, reason) => {
    await expect(read(CSV, { file })).rejects.toThrow(reason);
  });
});

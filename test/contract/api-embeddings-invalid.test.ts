import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { embeddingsIn, TWO_ROWS, uploadEmbedding } from '../support/embedding-uploads.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await startApiWorld();
});
afterAll(() => world.stop());

const { list, refusedProcessing, clientDataset } = embeddingsIn(() => world);

describe('an embedding whose file is not valid', () => {
  it.each([
    ['Row 1: the file is empty', 'EMBEDDING_INVALID', ''],
    ["the first column must be 'filenames'", 'EMBEDDING_INVALID', 'names,embedding_0,labels\n'],
    ["no column 'labels'", 'EMBEDDING_INVALID', 'filenames,embedding_0\n'],
    ["no column 'embedding_0'", 'EMBEDDING_INVALID', 'filenames,labels\n'],
    [
      "column 3 must be 'embedding_1' or 'labels'",
      'EMBEDDING_INVALID',
      'filenames,embedding_0,weight,labels\n',
    ],
    ['Row 2: the header has 3 columns', 'EMBEDDING_INVALID', 'filenames,embedding_0,labels\nimage-0.jpg,1\n'],
    [
      'Row 3: the header has 3 columns',
      'EMBEDDING_INVALID',
      'filenames,embedding_0,labels\nimage-0.jpg,1,0\n\n',
    ],
    [
      'column 2 must be a finite number',
      'EMBEDDING_INVALID',
      'filenames,embedding_0,labels\nimage-0.jpg,NaN,0\n',
    ],
    [
      'column 2 must be a finite number',
      'EMBEDDING_INVALID',
      'filenames,embedding_0,labels\nimage-0.jpg,1e39,0\n',
    ],
    [
      'column 2 must be a finite number',
      'EMBEDDING_INVALID',
      'filenames,embedding_0,labels\nimage-0.jpg,,0\n',
    ],
    ['there is no file name', 'EMBEDDING_INVALID', 'filenames,embedding_0,labels\n,1,0\n'],
    ['no sample of the dataset', 'EMBEDDING_INVALID', 'filenames,embedding_0,labels\nother.jpg,1,0\n'],
    [
      'an earlier row',
      'EMBEDDING_INVALID',
      'filenames,embedding_0,labels\nimage-0.jpg,1,0\nimage-0.jpg,1,0\n',
    ],
    [
      '1 rows, and 2 are expected',
      'EMBEDDING_ROW_COUNT_INVALID',
      'filenames,embedding_0,labels\nimage-0.jpg,1,0\n',
    ],
    ['a quote is out of place', 'EMBEDDING_INVALID', 'filenames,embedding_0,labels\n"image-0.jpg,1,0\n'],
    ['more than 524288', 'EMBEDDING_INVALID', `filenames,embedding_0,labels\n${'x'.repeat(600_000)}`],
  ])('is refused, by row and reason: %s', async (reason, code, file) => {
    const { id } = await clientDataset(2);
    const path = await uploadEmbedding(world, id, 'mine', file);
    const refusal = await refusedProcessing(path, 2);
    expect(refusal).toMatchObject({ status: 400, code });
    expect(refusal.message).toContain(reason);
    expect(refusal.message).not.toContain('image-0');
    expect(await list(id)).toMatchObject([{ isProcessed: false }]);
  });

  it('is refused where its file is not UTF-8', async () => {
    const { id } = await clientDataset(1);
    const file = Buffer.concat([
      Buffer.from('filenames,embedding_0,labels\n'),
      Buffer.from([0xff, 0xfe, 0x0a]),
    ]);
    const refusal = await refusedProcessing(await uploadEmbedding(world, id, 'mine', file), 1);
    expect(refusal).toMatchObject({ status: 400, code: 'EMBEDDING_INVALID' });
    expect(refusal.message).toContain('not UTF-8');
  });

  it('is refused where it has other rows than were announced', async () => {
    const { id } = await clientDataset(2);
    const path = await uploadEmbedding(world, id, 'mine', TWO_ROWS);
    expect(await refusedProcessing(path, 3)).toMatchObject({
      status: 400,
      code: 'EMBEDDING_ROW_COUNT_INVALID',
    });
  });
});

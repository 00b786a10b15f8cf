import { afterEach, describe, expect, test } from '@jest/globals';
import { type BitMask, TagDoesNotExistError } from '../../client/index.ts';
import {
  type ClientWorld,
  objectId,
  pageOf,
  startClientWorld,
  TAG_ID,
  tagData,
} from '../support/client-world.ts';

let world: ClientWorld;
const start = async (...how: Parameters<typeof startClientWorld>) => {
  world = await startClientWorld(...how);
  return world;
};
afterEach(async () => world.server.stop());

const NAMES = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'];
const CHOSEN = tagData({ id: objectId(2), name: 'chosen', prevTagId: TAG_ID, bitMaskData: '0xa' });
const TAGS = [CHOSEN, tagData({ bitMaskData: '0xf', totSize: 4 })];
const handlers = {
  get_tags_by_dataset_id: () => TAGS,
  get_tag_by_tag_id: ({ path }: { path: { tagId: string } }) =>
    TAGS.find(({ id }) => id === path.tagId) ?? CHOSEN,
  get_sample_mappings_by_dataset_id: ({ query }: { query: object }) => pageOf(NAMES, query),
};

describe('the samples of a tag', () => {
  test('are file names, a mask, or indices', async () => {
    const { client } = await start(handlers);
    expect(await client.getSamplesInTag('chosen')).toEqual(['b.jpg', 'd.jpg']);
    expect(await client.getSamplesInTag('chosen', { as: 'indices' })).toEqual([1, 3]);
    const mask: BitMask = await client.getSamplesInTag('chosen', { as: 'mask' });
    expect(mask.toHex()).toBe('0xa');
  });

  test('are found without the server where it is known what it would say', async () => {
    const { client, server } = await start();
    const names = await client.getFilenamesInTag(CHOSEN, { filenamesOnServer: ['1', '2', '3', '4'] });
    expect(names).toEqual(['2', '4']);
    expect(server.calls).toEqual([]);
  });

  test('can be those that its parent does not have', async () => {
    const { client, server } = await start({
      ...handlers,
      perform_tag_arithmetics_bitmask: () => ({ bitMaskData: '0x8' }),
    });
    expect(await client.getFilenamesInTag(CHOSEN, { excludeParentTag: true })).toEqual(['d.jpg']);
    expect(server.calls[0]?.body).toEqual({ tagId1: CHOSEN.id, tagId2: TAG_ID, operation: 'DIFFERENCE' });
    await expect(client.getFilenamesInTag(tagData(), { excludeParentTag: true })).rejects.toThrow(
      'no parent',
    );
  });

  test('of a tag that is not there', async () => {
    const { client } = await start(handlers);
    await expect(client.getSamplesInTag('other')).rejects.toThrow(TagDoesNotExistError);
  });
});

describe('a tag', () => {
  test('is made of file names', async () => {
    const { client, server } = await start({
      ...handlers,
      create_tag_by_dataset_id: () => ({ id: CHOSEN.id }),
    });
    const tag = await client.createTagFromFilenames(['d.jpg', 'b.jpg', 'd.jpg'], 'by-name');
    expect(tag).toEqual(CHOSEN);
    expect(server.callsOf('create_tag_by_dataset_id')[0]?.body).toEqual({
      ...{ name: 'by-name', prevTagId: TAG_ID, bitMaskData: '0xa', totSize: 4, creator: 'USER_PIP' },
    });
  });

  test('can have a parent that is not the initial tag', async () => {
    const { client, server } = await start({
      ...handlers,
      create_tag_by_dataset_id: () => ({ id: CHOSEN.id }),
    });
    await client.createTagFromFilenames(['b.jpg'], 'by-name', { parentTagId: CHOSEN.id });
    expect(server.callsOf('create_tag_by_dataset_id')[0]?.body).toMatchObject({ prevTagId: CHOSEN.id });
  });

  test.each([
    ['by-name', ['b.jpg', 'z.jpg'], "1 of the 2 file names are not in the dataset: 'z.jpg' for example"],
    ['chosen', ['b.jpg'], "a tag with the name 'chosen' already"],
  ])("'%s' is not made of %j", async (name, fileNames, reason) => {
    const { client, server } = await start(handlers);
    await expect(client.createTagFromFilenames(fileNames, name)).rejects.toThrow(reason);
    expect(server.callsOf('create_tag_by_dataset_id')).toEqual([]);
  });

  test('is not made where there is no initial tag', async () => {
    const { client } = await start({ ...handlers, get_tags_by_dataset_id: () => [] });
    await expect(client.createTagFromFilenames(['a.jpg'], 'by-name')).rejects.toThrow('no initial tag');
  });

  test('is deleted by its name', async () => {
    const { client, server } = await start({ ...handlers, delete_tag_by_tag_id: () => undefined });
    await client.deleteTagByName('chosen');
    expect(server.callsOf('delete_tag_by_tag_id')[0]?.path).toMatchObject({ tagId: CHOSEN.id });
    await expect(client.deleteTagByName('other')).rejects.toThrow(TagDoesNotExistError);
  });
});

describe('an export', () => {
  const tasks = Array.from({ length: 6_000 }, (_, id) => ({
    id,
    data: { image: `https://example.com/${id}` },
  }));

  test('of tasks takes pages of 2500', async () => {
    const { client, server } = await start({
      ...handlers,
      export_tag_to_label_studio_tasks: ({ query }) => pageOf(tasks, query),
    });
    const options = {
      expiresIn: 3600,
      includeMetaData: true,
      fileNameFormat: 'REDIRECTED_READ_URL',
    } as const;
    expect(await client.exportLabelStudioTasksByTagName('chosen', options)).toEqual(tasks);
    const calls = server.callsOf('export_tag_to_label_studio_tasks');
    expect(calls.map(({ query }) => query.pageOffset)).toEqual([0, 2500, 5000]);
    expect(calls[0]).toMatchObject({ path: { tagId: CHOSEN.id }, query: { ...options, pageSize: 2500 } });
  });

  test('can be read as it comes', async () => {
    const { client, server } = await start({
      export_tag_to_label_studio_tasks: ({ query }) => pageOf(tasks, query),
    });
    const first = await client.exportRowsIter('LabelStudio', TAG_ID).next();
    expect(first.value).toEqual(tasks[0]);
    expect(server.calls).toHaveLength(1);
  });

  test('is there for each labelling tool', async () => {
    const { client } = await start({
      ...handlers,
      export_tag_to_label_box_data_rows: () => [{ externalId: 'a.jpg', imageUrl: 'https://example.com/a' }],
      export_tag_to_label_box_v4_data_rows: () => [
        { row_data: 'https://example.com/a', global_key: 'a.jpg' },
      ],
      export_tag_to_sama_tasks: () => [{ data: { id: 1, url: 'https://example.com/a' } }],
    });
    expect(await client.exportLabelBoxDataRowsByTagName('chosen')).toMatchObject([{ externalId: 'a.jpg' }]);
    expect(await client.exportLabelBoxV4DataRowsByTagName('chosen')).toMatchObject([{ global_key: 'a.jpg' }]);
    expect(await client.exportSamaTasksByTagName('chosen')).toMatchObject([{ data: { id: 1 } }]);
  });

  // The server's pages of text: rows of a page, one a line.
  const texts = (rows: readonly string[]) => ({
    export_tag_to_basic_filenames: ({
      query,
    }: {
      query: { fileNameFormat?: string; pageSize?: number; pageOffset?: number };
    }) =>
      pageOf(rows, query)
        .map((row) => `${query.fileNameFormat ?? 'NAME'}:${row}`)
        .join('\n'),
  });

  test('of file names is text, of any length', async () => {
    const rows = Array.from({ length: 5_001 }, (_, row) => `${row}.jpg`);
    const { client } = await start({ ...handlers, ...texts(rows) });
    expect(await client.exportFilenamesByTagName('chosen')).toBe(rows.map((row) => `NAME:${row}`).join('\n'));
  });

  test('of file names and URLs puts together what belongs together', async () => {
    const { client } = await start({ ...handlers, ...texts(['a.jpg', 'b.jpg']) });
    expect(await client.exportFilenamesAndReadUrlsByTagName('chosen')).toEqual([
      ...['a.jpg', 'b.jpg'].map((name) => ({
        fileName: `NAME:${name}`,
        readUrl: `REDIRECTED_READ_URL:${name}`,
        datasourceUrl: `DATASOURCE_FULL:${name}`,
      })),
    ]);
  });

  test('of an empty tag has no rows', async () => {
    const { client } = await start({ ...handlers, ...texts([]) });
    expect(await client.exportFilenamesByTagId(TAG_ID)).toBe('');
    expect(await client.exportFilenamesAndReadUrlsByTagId(TAG_ID)).toEqual([]);
  });
});

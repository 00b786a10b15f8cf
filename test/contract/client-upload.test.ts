import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { type ClientOptions, ImageError } from '../../client/index.ts';
import { sharpOf, textured } from '../support/analysed-images.ts';
import { type ClientWorld, tagData } from '../support/client-world.ts';
import { Refusal } from '../support/protocol-server.ts';
import { startUploadWorld } from '../support/uploaded-dataset.ts';

let world: ClientWorld;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'winnow-client-'));
});
afterEach(async () => {
  await world.server.stop();
  await rm(folder, { recursive: true });
});

const start = async (options: ClientOptions = {}) => {
  const started = await startUploadWorld(options);
  world = started;
  return started;
};

async function put(name: string, content?: Uint8Array | string): Promise<Buffer> {
  const bytes = Buffer.from(
    content ??
      (await sharpOf(textured(60, 40, name.length))
        .png()
        .toBuffer()),
  );
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), bytes);
  return bytes;
}

describe('a folder', () => {
  test('is uploaded with its subfolders: images, thumbnails, metadata, a tag', async () => {
    const { client, samples, tags, file } = await start();
    const images = { 'a.png': await put('a.png'), 'deep/b c.PNG': await put('deep/b c.PNG') };
    await put('notes.txt', 'no image');
    await put('.lightly/thumbnails/a_thumb.png');
    const progress: unknown[] = [];
    const result = await client.uploadFolder(folder, { onProgress: (step) => void progress.push(step) });
    expect(result).toEqual({ uploaded: 2, skipped: 0, failed: [], tagId: tags[0]?.id });
    expect(samples.map(({ fileName, thumbName }) => [fileName, thumbName]).sort()).toEqual([
      ['a.png', '.lightly/thumbnails/a_thumb.webp'],
      ['deep/b c.PNG', '.lightly/thumbnails/deep/b c_thumb.webp'],
    ]);
    for (const [name, bytes] of Object.entries(images)) {
      expect(file(name, 'full')?.equals(bytes)).toBe(true);
      expect(await sharp(file(name, 'thumb')).metadata()).toMatchObject({
        format: 'webp',
        width: 60,
        height: 40,
      });
      const { metaData } = samples.find(({ fileName }) => fileName === name) ?? {};
      expect(metaData).toMatchObject({ sizeInBytes: bytes.length, shape: [40, 60, 3] });
    }
    expect(tags).toMatchObject([{ name: 'initial-tag', totSize: 2 }]);
    expect(progress).toEqual([0, 0, 1, 2].map((done) => ({ done, total: 2 })));
  });

  test('says to the server what it holds', async () => {
    const { client, server } = await start();
    await put('a.png');
    await client.uploadFolder(folder);
    expect(server.callsOf('register_dataset_upload_by_id').map(({ body }) => body)).toEqual([
      { total: 1, processed: 0, uploadMethod: 'USER_PIP', isRegistered: true },
      { total: 1, processed: 1, uploadMethod: 'USER_PIP', isRegistered: true },
    ]);
    expect(server.callsOf('create_initial_tag_by_dataset_id')[0]?.body).toEqual({
      ...{ name: 'initial-tag', imgType: 'full', creator: 'USER_PIP' },
    });
  });

  test.each([
    ['thumbnails', 'thumbnail', [false, true]],
    ['metadata', 'meta', [false, false]],
  ] as const)('can be uploaded as %s only', async (mode, imgType, present) => {
    const { client, server, samples, file } = await start();
    await put('a.png');
    await client.uploadFolder(folder, { mode });
    expect([file('a.png', 'full'), file('a.png', 'thumb')].map((bytes) => bytes !== undefined)).toEqual(
      present,
    );
    expect(samples).toMatchObject([{ fileName: 'a.png', metaData: { shape: [40, 60, 3] } }]);
    expect(server.callsOf('create_initial_tag_by_dataset_id')[0]?.body).toMatchObject({ imgType });
  });

  test('can be uploaded with smaller images; their metadata are those of the originals', async () => {
    const { client, samples, file } = await start();
    const original = await put('a.png');
    await client.uploadFolder(folder, { imageSize: 20 });
    expect(await sharp(file('a.png', 'full')).metadata()).toMatchObject({
      format: 'png',
      width: 30,
      height: 20,
    });
    expect(samples[0]?.metaData).toMatchObject({ shape: [40, 60, 3], sizeInBytes: original.length });
  });

  test('without an image makes no tag', async () => {
    const { client, tags } = await start();
    await expect(client.uploadFolder(folder)).resolves.toEqual({
      ...{ uploaded: 0, skipped: 0, failed: [], tagId: undefined },
    });
    expect(tags).toEqual([]);
  });

  test('with a link to itself ends', async () => {
    const { client } = await start();
    await put('a.png');
    await symlink(folder, join(folder, 'again'));
    await symlink(join(folder, 'a.png'), join(folder, 'b.png'));
    await symlink(join(folder, 'gone.png'), join(folder, 'c.png'));
    await expect(client.uploadFolder(folder)).resolves.toMatchObject({ uploaded: 2 });
  });
});

describe('an image that fails', () => {
  test('for what is in it is never heard of by the server', async () => {
    const { client, samples, tags } = await start();
    await put('a.png');
    await put('broken.jpg', 'no image');
    const { uploaded, failed, tagId } = await client.uploadFolder(folder);
    expect(uploaded).toBe(1);
    expect(failed).toEqual([{ fileName: 'broken.jpg', error: expect.any(ImageError) }]);
    expect(samples).toMatchObject([{ fileName: 'a.png' }]);
    expect(tagId).toBe(tags[0]?.id);
  });

  test('on its way is waited for: no tag without its file', async () => {
    const { client, server, samples, tags, file } = await start();
    await put('a.png');
    await put('b.png');
    let isDown = true;
    server.onStorage((name, _request, response) => {
      if (!isDown || !name.endsWith('0/full')) return false;
      response.writeHead(403).end();
      return true;
    });
    const first = await client.uploadFolder(folder);
    expect(first).toMatchObject({ uploaded: 1, tagId: undefined });
    expect(tags).toEqual([]);

    isDown = false;
    const second = await client.uploadFolder(folder);
    expect(second).toMatchObject({ uploaded: 1, skipped: 1, failed: [], tagId: tags[0]?.id });
    expect(samples).toHaveLength(2);
    expect([file('a.png', 'full'), file('b.png', 'full')].every((bytes) => bytes !== undefined)).toBe(true);
  });
});

describe('an upload that is repeated', () => {
  test('uploads what is new, and makes a tag of it', async () => {
    const { client, server, tags } = await start();
    await put('a.png');
    await client.uploadFolder(folder);
    await put('b.png');
    await put('c.png');
    const before = server.calls.length;
    const result = await client.uploadFolder(folder);
    expect(result).toMatchObject({ uploaded: 2, skipped: 1 });
    expect(tags.map(({ name, totSize }) => [name, totSize])).toEqual([
      ['initial-tag', 3],
      [expect.stringMatching(/^\d{8}_\d\dh\d\dm\d\ds$/), 3],
    ]);
    const created = server.calls
      .slice(before)
      .filter(({ id }) => id === 'create_sample_with_write_urls_by_dataset_id');
    expect(created).toHaveLength(2);
  });

  test('of what is there already makes no tag', async () => {
    const { client, tags } = await start();
    await put('a.png');
    await client.uploadFolder(folder);
    await expect(client.uploadFolder(folder)).resolves.toMatchObject({
      uploaded: 0,
      skipped: 1,
      tagId: undefined,
    });
    expect(tags).toHaveLength(1);
  });

  test('can be of everything', async () => {
    const { client, samples, file } = await start();
    await put('a.png');
    await client.uploadFolder(folder);
    const changed = await put('a.png', await sharpOf(textured(30, 30)).png().toBuffer());
    await expect(client.uploadFolder(folder, { resume: false })).resolves.toMatchObject({
      uploaded: 1,
      skipped: 0,
    });
    expect(samples).toHaveLength(1);
    expect(file('a.png', 'full')?.equals(changed)).toBe(true);
  });

  test('goes on after it was aborted in the middle', async () => {
    const { client, server, samples, file } = await start();
    const names = [...Array(12).keys()].map((number) => `${number}.png`);
    for (const name of names) await put(name);
    const controller = new AbortController();
    const { signal } = controller;
    const onProgress = ({ done }: { done: number }) => {
      if (done === 5) controller.abort(new Error('enough'));
    };
    await expect(client.uploadFolder(folder, { signal, onProgress, workers: 3 })).rejects.toThrow('enough');
    expect(samples.length).toBeLessThan(12);
    expect(server.callsOf('create_initial_tag_by_dataset_id')).toEqual([]);
    const { uploaded, skipped } = await client.uploadFolder(folder);
    expect([uploaded + skipped, skipped >= 5]).toEqual([12, true]);
    expect(samples).toHaveLength(12);
    for (const name of names) expect(file(name, 'full')).toBeDefined();
    expect(server.callsOf('create_initial_tag_by_dataset_id')).toHaveLength(1);
  });

  test('makes the tag that an earlier one did not get to', async () => {
    const { client, server, tags } = await start();
    await put('a.png');
    server.on({
      create_initial_tag_by_dataset_id: () => {
        throw new Refusal(500);
      },
    });
    await expect(client.uploadFolder(folder)).rejects.toMatchObject({ status: 500 });
    server.on({
      create_initial_tag_by_dataset_id: () => {
        tags.push(tagData());
        return { id: tagData().id };
      },
    });
    await expect(client.uploadFolder(folder)).resolves.toMatchObject({ skipped: 1, tagId: tagData().id });
  });
});

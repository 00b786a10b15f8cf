import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EXPORT_FORMATS } from '#contracts/settings';
import { publicSample } from '#platform/access/public-object';
import type { ExportDeps } from '../../functions/export/export-deps.ts';
import { writeExport } from '../../functions/export/write-export.ts';
import { completedRun, exportMessages, nextRun } from '../support/completed-run.ts';
import { collect } from '../support/documents.ts';
import { exportAll, exportFiles, fileNamesIn, manifestIn, signerWith } from '../support/export-files.ts';
import { addImage, type RunWorld, startRunWorld } from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

describe('the exports of a run', () => {
  test('hold exactly its tag in every format, and the manifest tells the truth about each', async () => {
    const completed = await completedRun(world);
    const messages = await exportMessages(world, completed);
    expect(messages.map(({ format }) => format).sort()).toEqual(EXPORT_FORMATS.toSorted());
    await exportAll(messages, world);

    const samples = await collect(world.samples.range(completed.dataset.id, 0, 10));
    const selected = samples.map(({ fileName }) => fileName);
    expect(selected).toHaveLength(2);
    const files = await exportFiles(world, completed, completed.run.id);
    const manifest = manifestIn(files);
    expect(manifest).toMatchObject({ dataset: completed.dataset.name, tag: completed.run.tagName });
    expect(manifest.files.map(({ format }) => format)).toEqual(EXPORT_FORMATS.toSorted());
    for (const { file, rows, bytes, sha256 } of manifest.files) {
      const text = files.get(file) ?? '';
      expect({ file, names: fileNamesIn(file, text) }).toEqual({ file, names: selected });
      expect({ rows, bytes, sha256 }).toEqual({
        rows: 2,
        bytes: Buffer.byteLength(text),
        sha256: createHash('sha256').update(text).digest('hex'),
      });
    }
    expect(await exportFiles(world, completed, 'latest')).toEqual(files);
  });

  test('have URLs that lead through the API, each with a public token for its one image', async () => {
    const completed = await completedRun(world, { exports: { formats: ['filenames-and-read-urls'] } });
    await exportAll(await exportMessages(world, completed), world);
    const { dataset, run } = completed;
    const files = await exportFiles(world, completed, run.id);
    const rows = JSON.parse(files.get('filenames-and-read-urls.json') ?? '') as { readUrl: string }[];
    const samples = await collect(world.samples.range(dataset.id, 0, 10));
    expect(rows).toHaveLength(samples.length);
    for (const [at, { id }] of samples.entries()) {
      const url = new URL(rows[at]?.readUrl ?? '');
      expect(`${url.origin}${url.pathname}`).toBe(
        `https://api.example.com/v1/datasets/${dataset.id}/samples/${id}/readurlRedirect`,
      );
      expect(url.searchParams.get('type')).toBe('full');
      const token = url.searchParams.get('publicToken') ?? '';
      await world.publicTokens.check(token, publicSample(dataset.id, id, 'full'));
      const other = publicSample(dataset.id, id, 'thumbnail');
      await expect(world.publicTokens.check(token, other)).rejects.toMatchObject({ apiCode: 'JWT_INVALID' });
    }
    const { kind, signedAt = '', expireAt = '', limitedBy } = manifestIn(files).readUrls ?? {};
    expect({ kind, limitedBy }).toEqual({ kind: 'redirect', limitedBy: 'setting' });
    expect(Date.parse(expireAt) - Date.parse(signedAt)).toBe(90 * 24 * 3_600_000);
  });

  test('have read URLs that are signed as of the completion, expire as set, and name the version', async () => {
    const completed = await completedRun(world, {
      exports: { formats: ['filenames-and-read-urls'], readUrls: 'signed', readUrlExpirySeconds: 3600 },
    });
    await addImage(world, completed.dataset, 'versioned.jpg', 9, { versionId: 'v7' });
    const run = await nextRun(world, completed.dataset);
    await exportAll(await exportMessages(world, { ...completed, run }), world);
    const files = await exportFiles(world, completed, run.id);
    const [row] = JSON.parse(files.get('filenames-and-read-urls.json') ?? '') as { readUrl: string }[];
    const query = new URL(row?.readUrl ?? '').searchParams;
    const completedAt = new Date(run.messages.at(-1)?.at ?? 0).toISOString();
    expect(query.get('X-Amz-Date')).toBe(completedAt.replace(/[-:]|\.\d+/g, ''));
    expect(query.get('X-Amz-Expires')).toBe('3600');
    expect(query.get('versionId')).toBe('v7');
    expect(manifestIn(files).readUrls).toMatchObject({ signedAt: completedAt, limitedBy: 'setting' });
  });

  test('expire with the credentials that sign, and say so', async () => {
    const completed = await completedRun(world, { exports: { formats: ['sama'], readUrls: 'signed' } });
    const expiration = new Date(world.clock.at + 600_000);
    const signer = signerWith({ sessionToken: 'a-session', expiration });
    await exportAll(await exportMessages(world, completed), { ...world, signer });
    expect(manifestIn(await exportFiles(world, completed, completed.run.id)).readUrls).toMatchObject({
      expireAt: expiration.toISOString(),
      limitedBy: 'credentials',
    });
  });

  test.each(['redirect', 'signed'] as const)(
    'are signed anew (%s) where the message comes when the URLs would have expired already',
    async (readUrls) => {
      const completed = await completedRun(world, {
        exports: { formats: ['sama'], readUrls, readUrlExpirySeconds: 60 },
      });
      const messages = await exportMessages(world, completed);
      world.clock.at += 3_600_000;
      const redrivenAt = world.clock.at;
      await exportAll(messages, world);
      const { signedAt = '', expireAt = '' } =
        manifestIn(await exportFiles(world, completed, completed.run.id)).readUrls ?? {};
      expect(Date.parse(signedAt)).toBeGreaterThan(redrivenAt);
      expect(Date.parse(expireAt) - Date.parse(signedAt)).toBe(60_000);
    },
  );
});

describe('the manifest', () => {
  test('comes when the last format is there, and after it', async () => {
    const completed = await completedRun(world, { exports: { formats: ['csv', 'coco', 'filenames'] } });
    const [first, second, third] = await exportMessages(world, completed);
    await exportAll([first!, second!], world);
    expect((await exportFiles(world, completed, completed.run.id)).has('manifest.json')).toBe(false);
    expect((await exportFiles(world, completed, 'latest')).size).toBe(0);

    const written: string[] = [];
    const note = (key: string) =>
      written.push(key.split('/').slice(1).join('/').replace(completed.run.id, 'run'));
    const objects: ExportDeps['objects'] = {
      ...world.objects,
      put: (reference, ...rest) => world.objects.put(reference, ...rest).then(() => void note(reference.key)),
      putStream: (reference, ...rest) =>
        world.objects.putStream(reference, ...rest).then(() => void note(reference.key)),
      copy: (from, to, options) => world.objects.copy(from, to, options).then(() => void note(to.key)),
    };
    await writeExport(third!, { ...world, objects });
    expect(written.slice(1)).toEqual([
      'run/manifest.json',
      'latest/coco.json',
      'latest/samples.csv',
      'latest/filenames.txt',
      'latest/manifest.json',
    ]);
  });
});

describe('latest', () => {
  test('never goes back to an older run, in whatever order runs are exported', async () => {
    const completed = await completedRun(world, { exports: { formats: ['filenames'] } });
    const older = await exportMessages(world, completed);
    await addImage(world, completed.dataset, 'new.jpg', 77);
    const newer = await exportMessages(world, { ...completed, run: await nextRun(world, completed.dataset) });
    await exportAll(newer, world);
    expect((await exportFiles(world, completed, 'latest')).get('filenames.txt')).toBe('new.jpg\n');
    await exportAll(older, world);
    expect((await exportFiles(world, completed, 'latest')).get('filenames.txt')).toBe('new.jpg\n');
  });

  test('comes to rest on the newer run where a worker copies the older one meanwhile', async () => {
    const completed = await completedRun(world, { exports: { formats: ['filenames'] } });
    const older = await exportMessages(world, completed);
    await addImage(world, completed.dataset, 'new.jpg', 77);
    const newer = await exportMessages(world, { ...completed, run: await nextRun(world, completed.dataset) });
    let interrupted = false;
    const objects: ExportDeps['objects'] = {
      ...world.objects,
      copy: async (...copied) => {
        if (!interrupted) {
          interrupted = true;
          await exportAll(newer, world);
        }
        await world.objects.copy(...copied);
      },
    };
    await exportAll(older, { ...world, objects });
    const latest = await exportFiles(world, completed, 'latest');
    expect(latest.get('filenames.txt')).toBe('new.jpg\n');
    expect(manifestIn(latest).runId).toBe(newer[0]?.runId);
  });
});

test('a tag whose samples are not all there makes no file', async () => {
  const completed = await completedRun(world, { exports: { formats: ['filenames'] } });
  const [message] = await exportMessages(world, completed);
  const samples = {
    ...world.samples,
    range: (datasetId: string, from: number, to: number) => world.samples.range(datasetId, from, to - 1),
  };
  await expect(writeExport(message!, { ...world, samples })).rejects.toMatchObject({
    code: 'SAMPLES_MISSING',
  });
  expect((await exportFiles(world, completed, completed.run.id)).size).toBe(0);
});

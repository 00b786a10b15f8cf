import { createHash } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readUrlSigner } from '#aws/read-url-signer';
import { RetryableError } from '#contracts/errors';
import { type ExportManifest, exportManifest } from '#contracts/export-manifest';
import type { ExportMessage } from '#contracts/messages';
import { EXPORT_FORMATS } from '#contracts/settings';
import type { ExportDeps } from '../../functions/export/export-deps.ts';
import { writeExport } from '../../functions/export/write-export.ts';
import { type CompletedRun, completedRun, exportMessages, nextRun } from '../support/completed-run.ts';
import { collect } from '../support/documents.ts';
import { failingAtCall, Killed } from '../support/failing-at-call.ts';
import { addImage, objectsUnder, type RunWorld, startRunWorld } from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

/** The files of a run's exports, or of `latest`, by name. */
async function filesOf(
  { dataset }: Pick<CompletedRun, 'dataset'>,
  folder: string,
): Promise<Map<string, string>> {
  const prefix = `${dataset.name}/${folder}/`;
  const found = await objectsUnder(world.objects, world.exportsBucket, prefix);
  return new Map([...found].map(([key, bytes]) => [key.slice(prefix.length), bytes.toString()]));
}
const manifestIn = (files: Map<string, string>): ExportManifest =>
  exportManifest.parse(JSON.parse(files.get('manifest.json') ?? ''));

async function exportAll(messages: readonly ExportMessage[], deps: ExportDeps = world): Promise<void> {
  for (const message of messages) await writeExport(message, deps);
}

/** The file names that an export speaks of, whatever its format. */
function fileNamesIn(file: string, text: string): string[] {
  if (file === 'filenames.txt') return text.trimEnd().split('\n');
  if (file === 'samples.csv')
    return text
      .trimEnd()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(',')[0] ?? '');
  const content = JSON.parse(text);
  const rows = file === 'coco.json' ? content.images : content;
  return rows.map((row: Record<string, unknown> & { data?: Record<string, string> }) => {
    const url = row.imageUrl ?? row.row_data;
    if (typeof url === 'string') return decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '');
    return row.data?.lightlyFileName ?? row.fileName ?? row.file_name;
  });
}

describe('the exports of a run', () => {
  test('hold exactly its tag in every format, and the manifest tells the truth about each', async () => {
    const completed = await completedRun(world);
    const messages = await exportMessages(world, completed);
    expect(messages.map(({ format }) => format).sort()).toEqual(EXPORT_FORMATS.toSorted());
    await exportAll(messages);

    const samples = await collect(world.samples.range(completed.dataset.id, 0, 10));
    const selected = samples.map(({ fileName }) => fileName);
    expect(selected).toHaveLength(2);
    const files = await filesOf(completed, completed.run.id);
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
    expect(await filesOf(completed, 'latest')).toEqual(files);
  });

  test('have read URLs that are signed as of the completion, expire as set, and name the version', async () => {
    const completed = await completedRun(world, {
      exports: { formats: ['filenames-and-read-urls'], readUrlExpirySeconds: 3600 },
    });
    await addImage(world, completed.dataset, 'versioned.jpg', 9, { versionId: 'v7' });
    const run = await nextRun(world, completed.dataset);
    await exportAll(await exportMessages(world, { ...completed, run }));
    const files = await filesOf(completed, run.id);
    const [row] = JSON.parse(files.get('filenames-and-read-urls.json') ?? '') as { readUrl: string }[];
    const query = new URL(row?.readUrl ?? '').searchParams;
    const completedAt = new Date(run.messages.at(-1)?.at ?? 0).toISOString();
    expect(query.get('X-Amz-Date')).toBe(completedAt.replace(/[-:]|\.\d+/g, ''));
    expect(query.get('X-Amz-Expires')).toBe('3600');
    expect(query.get('versionId')).toBe('v7');
    expect(manifestIn(files).readUrls).toMatchObject({ signedAt: completedAt, limitedBy: 'setting' });
  });

  test('expire with the credentials that sign, and say so', async () => {
    const completed = await completedRun(world, { exports: { formats: ['sama'] } });
    const expiration = new Date(world.clock.at + 600_000);
    const signer = signerWith({ sessionToken: 'a-session', expiration });
    await exportAll(await exportMessages(world, completed), { ...world, signer });
    expect(manifestIn(await filesOf(completed, completed.run.id)).readUrls).toMatchObject({
      expireAt: expiration.toISOString(),
      limitedBy: 'credentials',
    });
  });

  test('are signed anew where the message comes when the URLs would have expired already', async () => {
    const completed = await completedRun(world, { exports: { formats: ['sama'], readUrlExpirySeconds: 60 } });
    const messages = await exportMessages(world, completed);
    world.clock.at += 3_600_000;
    const redrivenAt = world.clock.at;
    await exportAll(messages);
    const { signedAt = '', expireAt = '' } =
      manifestIn(await filesOf(completed, completed.run.id)).readUrls ?? {};
    expect(Date.parse(signedAt)).toBeGreaterThan(redrivenAt);
    expect(Date.parse(expireAt) - Date.parse(signedAt)).toBe(60_000);
  });
});

const signerWith = (credentials: { sessionToken?: string; expiration?: Date }, accessKeyId = 'AKIDTEST') =>
  readUrlSigner(
    new S3Client({
      region: 'eu-central-1',
      credentials: { accessKeyId, secretAccessKey: 'none', ...credentials },
    }),
  );

describe('repeated messages', () => {
  test('leave the same bytes, with other credentials too', async () => {
    const completed = await completedRun(world, { exports: { formats: ['label-studio', 'csv'] } });
    const messages = await exportMessages(world, completed);
    await exportAll(messages);
    const before = await filesOf(completed, completed.run.id);
    await exportAll(messages);
    await exportAll(messages.toReversed(), { ...world, signer: signerWith({}, 'AKIDROTATED') });
    expect(await filesOf(completed, completed.run.id)).toEqual(before);
    expect(await filesOf(completed, 'latest')).toEqual(before);
  });

  test('at once leave one whole set', async () => {
    const completed = await completedRun(world);
    const messages = await exportMessages(world, completed);
    const deliveries = await Promise.allSettled(
      [...messages, ...messages].map((message) => writeExport(message, world)),
    );
    // Of two that write the same file, one may have to come back.
    for (const delivery of deliveries) {
      if (delivery.status === 'rejected') expect(delivery.reason).toBeInstanceOf(RetryableError);
    }
    await exportAll(messages);
    const files = await filesOf(completed, completed.run.id);
    expect(files.size).toBe(EXPORT_FORMATS.length + 1);
    for (const { file, sha256 } of manifestIn(files).files) {
      expect(sha256).toBe(
        createHash('sha256')
          .update(files.get(file) ?? '')
          .digest('hex'),
      );
    }
    expect(await filesOf(completed, 'latest')).toEqual(files);
  });

  test('bring back a file that is gone', async () => {
    const completed = await completedRun(world, { exports: { formats: ['csv'] } });
    const messages = await exportMessages(world, completed);
    await exportAll(messages);
    const before = await filesOf(completed, completed.run.id);
    const key = `${completed.dataset.name}/${completed.run.id}/samples.csv`;
    await world.objects.put({ bucket: world.exportsBucket, key }, 'x', { contentType: 'text/csv' });
    await exportAll(messages);
    expect(await filesOf(completed, completed.run.id)).toEqual(before);
  });

  test('heal a worker that was killed at any call', async () => {
    const ports = ['datasets', 'runs', 'tags', 'samples', 'exports', 'objects', 'signer'] as const;
    let fatal = 1;
    for (let survived = false; !survived; fatal++) {
      const completed = await completedRun(world, { exports: { formats: ['sama', 'filenames'] } });
      const [first, last] = await exportMessages(world, completed);
      await writeExport(first!, world);
      survived = await writeExport(last!, failingAtCall<ExportDeps>(world, ports, fatal).deps).then(
        () => true,
        (error: unknown) => {
          expect(error).toBeInstanceOf(Killed);
          return false;
        },
      );
      const interrupted = await filesOf(completed, completed.run.id);
      if (interrupted.has('manifest.json')) expect(manifestIn(interrupted).files).toHaveLength(2);
      await writeExport(last!, world);
      const files = await filesOf(completed, completed.run.id);
      expect({ fatal, files: [...files.keys()].sort() }).toEqual({
        fatal,
        files: ['filenames.txt', 'manifest.json', 'sama.json'],
      });
      expect(await filesOf(completed, 'latest')).toEqual(files);
    }
    expect(fatal).toBeGreaterThan(12);
  }, 60_000);
});

describe('the manifest', () => {
  test('comes when the last format is there, and after it', async () => {
    const completed = await completedRun(world, { exports: { formats: ['csv', 'coco', 'filenames'] } });
    const [first, second, third] = await exportMessages(world, completed);
    await exportAll([first!, second!]);
    expect((await filesOf(completed, completed.run.id)).has('manifest.json')).toBe(false);
    expect((await filesOf(completed, 'latest')).size).toBe(0);

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
    await exportAll(newer);
    expect((await filesOf(completed, 'latest')).get('filenames.txt')).toBe('new.jpg\n');
    await exportAll(older);
    expect((await filesOf(completed, 'latest')).get('filenames.txt')).toBe('new.jpg\n');
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
          await exportAll(newer);
        }
        await world.objects.copy(...copied);
      },
    };
    await exportAll(older, { ...world, objects });
    const latest = await filesOf(completed, 'latest');
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
  expect((await filesOf(completed, completed.run.id)).size).toBe(0);
});

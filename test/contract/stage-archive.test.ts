import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RetryableError } from '#contracts/errors';
import { archiveObjectKey, artifactObjectKey } from '#contracts/s3-keys';
import { archiveRun } from '../../functions/archive/archive-run.ts';
import { type CompletedRun, completedRun } from '../support/completed-run.ts';
import { artifactsOf } from '../support/run-outcome.ts';
import { type RunWorld, startRunWorld } from '../support/run-world.ts';
import { unzip } from '../support/unzip.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

const messageOf = ({ dataset, run }: CompletedRun) => ({ datasetId: dataset.id, runId: run.id });
async function storedZip({ dataset, run }: CompletedRun): Promise<Buffer> {
  const found = await world.objects.open({
    bucket: world.archiveBucket,
    key: archiveObjectKey(dataset.name, run.id),
  });
  return found ? buffer(found.body) : Buffer.alloc(0);
}

describe('the archive of a run', () => {
  test('holds every artifact and checksums that sha256sum agrees with', async () => {
    const completed = await completedRun(world);
    await archiveRun(messageOf(completed), world);
    const zip = await storedZip(completed);
    const files = await unzip(zip);
    const artifacts = await artifactsOf(world, completed.run);
    expect([...files.keys()]).toEqual([...[...artifacts.keys()].sort(), 'checksums.sha256']);
    for (const [name, bytes] of artifacts) expect(files.get(name)).toEqual(bytes);

    const folder = mkdtempSync(join(tmpdir(), 'archive-'));
    try {
      for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
      const checked = execFileSync('sha256sum', ['-c', 'checksums.sha256'], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(checked.trim().split('\n')).toHaveLength(artifacts.size);
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect((await world.runs.get(completed.run.id))?.archive).toMatchObject({
      bytes: zip.length,
      sha256: createHash('sha256').update(zip).digest('hex'),
      files: artifacts.size + 1,
    });
  });

  test('is written once, and again only where it is gone; then it has the same bytes', async () => {
    const completed = await completedRun(world);
    await archiveRun(messageOf(completed), world);
    const [zip, recorded] = [await storedZip(completed), await world.runs.get(completed.run.id)];
    await archiveRun(messageOf(completed), world);
    expect(await world.runs.get(completed.run.id)).toEqual(recorded);

    const key = archiveObjectKey(completed.dataset.name, completed.run.id);
    await world.objects.put({ bucket: world.archiveBucket, key }, 'short', {
      contentType: 'application/zip',
    });
    await archiveRun(messageOf(completed), world);
    expect(await storedZip(completed)).toEqual(zip);
  });

  test('is the same from two workers at once', async () => {
    const completed = await completedRun(world);
    await Promise.all([archiveRun(messageOf(completed), world), archiveRun(messageOf(completed), world)]);
    const zip = await storedZip(completed);
    expect((await world.runs.get(completed.run.id))?.archive?.sha256).toBe(
      createHash('sha256').update(zip).digest('hex'),
    );
  });

  test('is not made from an artifact that is gone or that was changed', async () => {
    const completed = await completedRun(world);
    const { dataset, run } = completed;
    const key = artifactObjectKey(dataset.id, run.id, 'log.txt');
    await world.objects.put({ bucket: world.platformBucket, key }, 'forged', { contentType: 'text/plain' });
    await expect(archiveRun(messageOf(completed), world)).rejects.toMatchObject({ code: 'DAMAGED_ARCHIVE' });

    const [log] = (await world.artifacts.list(run.id)).filter(({ fileName }) => fileName === 'log.txt');
    await world.artifacts.put({ ...log!, key: `${key}-gone` });
    await expect(archiveRun(messageOf(completed), world)).rejects.toThrow(RetryableError);
    expect((await world.runs.get(run.id))?.archive).toBeUndefined();
    expect(await storedZip(completed)).toHaveLength(0);
  });

  test('is not recorded where the bucket does not give back what was sent', async () => {
    const completed = await completedRun(world);
    const objects = {
      ...world.objects,
      putStream: async (...[reference, body, options]: Parameters<typeof world.objects.putStream>) => {
        await world.objects.putStream(reference, body, options);
        await world.objects.put(reference, 'rotten', options);
      },
    };
    await expect(archiveRun(messageOf(completed), { ...world, objects })).rejects.toThrow(
      'not stored as it was sent',
    );
    expect((await world.runs.get(completed.run.id))?.archive).toBeUndefined();
  });
});

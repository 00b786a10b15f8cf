import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RetryableError } from '#contracts/errors';
import { EXPORT_FORMATS } from '#contracts/settings';
import type { ExportDeps } from '../../functions/export/export-deps.ts';
import { writeExport } from '../../functions/export/write-export.ts';
import { completedRun, exportMessages } from '../support/completed-run.ts';
import { exportAll, exportFiles, manifestIn, signerWith } from '../support/export-files.ts';
import { failingAtCall, Killed } from '../support/failing-at-call.ts';
import { type RunWorld, startRunWorld } from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

describe('repeated messages', () => {
  test('leave the same bytes, with other credentials too', async () => {
    const completed = await completedRun(world, { exports: { formats: ['label-studio', 'csv'] } });
    const messages = await exportMessages(world, completed);
    await exportAll(messages, world);
    const before = await exportFiles(world, completed, completed.run.id);
    await exportAll(messages, world);
    await exportAll(messages.toReversed(), { ...world, signer: signerWith({}, 'AKIDROTATED') });
    expect(await exportFiles(world, completed, completed.run.id)).toEqual(before);
    expect(await exportFiles(world, completed, 'latest')).toEqual(before);
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
    await exportAll(messages, world);
    const files = await exportFiles(world, completed, completed.run.id);
    expect(files.size).toBe(EXPORT_FORMATS.length + 1);
    for (const { file, sha256 } of manifestIn(files).files) {
      expect(sha256).toBe(
        createHash('sha256')
          .update(files.get(file) ?? '')
          .digest('hex'),
      );
    }
    expect(await exportFiles(world, completed, 'latest')).toEqual(files);
  });

  test('bring back a file that is gone', async () => {
    const completed = await completedRun(world, { exports: { formats: ['csv'] } });
    const messages = await exportMessages(world, completed);
    await exportAll(messages, world);
    const before = await exportFiles(world, completed, completed.run.id);
    const key = `${completed.dataset.name}/${completed.run.id}/samples.csv`;
    await world.objects.put({ bucket: world.exportsBucket, key }, 'x', { contentType: 'text/csv' });
    await exportAll(messages, world);
    expect(await exportFiles(world, completed, completed.run.id)).toEqual(before);
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
      const interrupted = await exportFiles(world, completed, completed.run.id);
      if (interrupted.has('manifest.json')) expect(manifestIn(interrupted).files).toHaveLength(2);
      await writeExport(last!, world);
      const files = await exportFiles(world, completed, completed.run.id);
      expect({ fatal, files: [...files.keys()].sort() }).toEqual({
        fatal,
        files: ['filenames.txt', 'manifest.json', 'sama.json'],
      });
      expect(await exportFiles(world, completed, 'latest')).toEqual(files);
    }
    expect(fatal).toBeGreaterThan(12);
  }, 60_000);
});

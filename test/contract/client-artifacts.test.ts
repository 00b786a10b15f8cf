import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ArtifactNotExistError, UnsafeFileNameError } from '../../client/index.ts';
import { type ClientWorld, objectId, runData, startClientWorld } from '../support/client-world.ts';

let world: ClientWorld;
let folder: string;
const start = async (...how: Parameters<typeof startClientWorld>) => {
  world = await startClientWorld(...how);
  return world;
};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'winnow-client-'));
});
afterEach(async () => {
  await world.server.stop();
  await rm(folder, { recursive: true });
});

describe('artifacts', () => {
  const artifact = (number: number, type: 'LOG' | 'CHECKPOINT', fileName: string) => ({
    id: objectId(number),
    type,
    fileName,
  });
  const startWith = () =>
    start({ get_docker_run_artifact_read_url_by_id: ({ path }) => world.server.fileUrl(path.artifactId) });

  test('are downloaded into a folder', async () => {
    const { client, server } = await startWith();
    const artifacts = [artifact(1, 'LOG', 'log.txt'), artifact(2, 'CHECKPOINT', 'deep/checkpoint.ckpt')];
    server.files.set(objectId(1), Buffer.from('lines')).set(objectId(2), Buffer.from('weights'));
    await client.downloadComputeWorkerRunArtifacts(runData({ artifacts }), folder);
    expect(await readFile(join(folder, 'log.txt'), 'utf8')).toBe('lines');
    expect(await readFile(join(folder, 'deep', 'checkpoint.ckpt'), 'utf8')).toBe('weights');
  });

  test('are found by their type, or missed', async () => {
    const { client, server } = await startWith();
    server.files.set(objectId(1), Buffer.from('lines'));
    const run = runData({ artifacts: [artifact(1, 'LOG', 'log.txt')] });
    await client.downloadComputeWorkerRunLog(run, join(folder, 'mine.txt'));
    expect(await readFile(join(folder, 'mine.txt'), 'utf8')).toBe('lines');
    for (const missing of [
      client.downloadComputeWorkerRunCheckpoint(run, join(folder, 'x')),
      client.downloadComputeWorkerRunReportPdf(run, join(folder, 'x')),
      client.downloadComputeWorkerRunReportJson(run, join(folder, 'x')),
      client.downloadComputeWorkerRunReportV2Json(run, join(folder, 'x')),
      client.downloadComputeWorkerRunMemoryLog(run, join(folder, 'x')),
      client.downloadComputeWorkerRunCorruptnessCheckInformation(run, join(folder, 'x')),
      client.downloadComputeWorkerRunSequenceInformation(runData(), join(folder, 'x')),
      client.getComputeWorkerRunCheckpointUrl(run),
    ]) {
      await expect(missing).rejects.toThrow(ArtifactNotExistError);
    }
    expect(await readdir(folder)).toEqual(['mine.txt']);
  });

  test('do not leave the folder', async () => {
    const { client } = await startWith();
    const run = runData({ artifacts: [artifact(1, 'LOG', '../log.txt')] });
    await expect(client.downloadComputeWorkerRunArtifacts(run, folder)).rejects.toThrow(UnsafeFileNameError);
  });

  test('have a URL', async () => {
    const { client, server } = await startWith();
    const run = runData({ artifacts: [artifact(2, 'CHECKPOINT', 'checkpoint.ckpt')] });
    expect(await client.getComputeWorkerRunCheckpointUrl(run)).toBe(server.fileUrl(objectId(2)));
  });
});

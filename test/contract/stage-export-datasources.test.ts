import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DatasourceConfig } from '#contracts/datasources';
import { type CompletedRun, completedRun, exportMessages, nextRun } from '../support/completed-run.ts';
import { exportAll, exportFiles, manifestIn } from '../support/export-files.ts';
import { finishedSync } from '../support/finished-sync.ts';
import { addImage, type RunWorld, startRunWorld } from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  // Nothing listens there: an export that assumed a role would fail.
  const credentials = { accessKeyId: 'AKIDCONTRACTTEST', secretAccessKey: 'not-a-secret' };
  world = await startRunWorld({
    sts: { endpoint: 'http://127.0.0.1:1', region: 'eu-central-1', credentials, maxAttempts: 1 },
  });
});
afterAll(() => world.stop());

const S3 = {
  ...{ type: 'S3', purpose: 'INPUT', fullPath: 's3://their-images/2026/', s3Region: 'eu-central-1' },
  ...{ s3AccessKeyId: 'AKIDOFTHEIROWN', s3SecretAccessKey: 'not-a-secret' },
} as const satisfies DatasourceConfig;
const ROLE = {
  ...{ type: 'S3DelegatedAccess', purpose: 'INPUT', fullPath: 's3://their-images/2026/' },
  ...{
    s3Region: 'eu-central-1',
    s3ARN: 'arn:aws:iam::123456789012:role/Gone',
    s3ExternalId: 'an-agreed-text',
  },
} as const satisfies DatasourceConfig;
const SIGNED = { formats: ['filenames-and-read-urls'], readUrls: 'signed' };

/** A completed run whose images are partly in the datasource and partly in the landing folder. */
async function runOn(config: DatasourceConfig, exports: object): Promise<CompletedRun> {
  const completed = await completedRun(world, { exports });
  const { dataset } = completed;
  const stored = { datasetId: dataset.id, version: 1, configs: [config], lastModifiedAt: world.now() };
  await world.datasources.replace(stored);
  await world.syncs.replace(finishedSync(dataset, stored, { at: world.now() }));
  const place = { bucket: 'their-images', key: '2026/north/a.jpg', versionId: 'v7' };
  await addImage(world, dataset, 'north/a.jpg', 9, place);
  await addImage(world, dataset, 'landed.jpg', 10);
  return { dataset, run: await nextRun(world, dataset) };
}

async function exported(completed: CompletedRun) {
  await exportAll(await exportMessages(world, completed), world);
  const files = await exportFiles(world, completed, completed.run.id);
  const rows = JSON.parse(files.get('filenames-and-read-urls.json') ?? '') as Record<
    'fileName' | 'readUrl',
    string
  >[];
  return {
    urls: new Map(rows.map(({ fileName, readUrl }) => [fileName, readUrl])),
    manifest: manifestIn(files),
  };
}

test('images behind an access key have URLs that it signs, of the version that was judged, for as long as is set', async () => {
  const { urls, manifest } = await exported(await runOn(S3, { ...SIGNED, readUrlExpirySeconds: 604_800 }));
  const url = new URL(urls.get('north/a.jpg') ?? '');
  expect(`${url.host}${url.pathname}`).toMatch(/their-images.*\/2026\/north\/a\.jpg$/);
  expect(url.searchParams.get('X-Amz-Credential')).toMatch(/^AKIDOFTHEIROWN\//);
  expect(url.searchParams.get('versionId')).toBe('v7');
  expect(Number(url.searchParams.get('X-Amz-Expires'))).toBeGreaterThan(604_800 - 60);
  expect(manifest.readUrls).toMatchObject({ kind: 'signed', limitedBy: 'setting' });
  expect(manifest.readUrls).not.toHaveProperty('reason');
});

test('what is not where the images are now is left to the API', async () => {
  const { urls } = await exported(await runOn(S3, SIGNED));
  expect([...urls.keys()].sort()).toEqual(['landed.jpg', 'north/a.jpg']);
  expect(urls.get('landed.jpg')).toMatch(/^https:\/\/api\.example\.com\/.*readurlRedirect/);
});

test('images behind a role have URLs that redirect, and the manifest says why, though the role is gone', async () => {
  const { urls, manifest } = await exported(await runOn(ROLE, { ...SIGNED, readUrlExpirySeconds: 86_400 }));
  expect(urls.size).toBe(2);
  for (const url of urls.values()) expect(url).toMatch(/^https:\/\/api\.example\.com\/.*readurlRedirect/);
  const { kind, reason, limitedBy, signedAt = '', expireAt = '' } = manifest.readUrls ?? {};
  expect({ kind, reason, limitedBy }).toEqual({
    ...{ kind: 'redirect', limitedBy: 'setting' },
    reason: expect.stringContaining('role'),
  });
  expect(Date.parse(expireAt) - Date.parse(signedAt)).toBe(86_400_000);
});

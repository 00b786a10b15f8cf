import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { keyWithin, thumbnailName } from '#contracts/s3-keys';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import { runOf } from '../support/run-outcome.ts';
import { addImage, newDataset, type RunWorld, scheduleRun, startRunWorld } from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

const REPORTS = ['report.html', 'report.pdf', 'report_v2.json'];

/** A run over four images, of which one has a thumbnail and another has something else in its place. */
async function reportedRun(docker: object = {}) {
  const dataset = await newDataset(world);
  const { platformFolder } = dataset;
  const pixels = { create: { width: 64, height: 48, channels: 3 as const, background: 'teal' } };
  const webp = await sharp(pixels).webp().toBuffer();
  for (const content of [1, 2, 3, 4]) {
    const thumbName = thumbnailName(`${content}.jpg`);
    await addImage(world, dataset, `${content}.jpg`, content, { thumbName });
    const reference = { bucket: platformFolder.bucket, key: keyWithin(platformFolder, thumbName) };
    const stored = { 1: webp, 2: Buffer.from('no image') }[content];
    if (stored) await world.objects.put(reference, stored, { contentType: 'image/webp' });
  }
  const message = await scheduleRun(world, dataset, { docker });
  await carryOutRun(message, world);
  return runOf(world, message.scheduledId);
}

describe('the reports of a run', () => {
  test('show thumbnails as JPEG, and a gap where there is none', async () => {
    const { artifacts } = await reportedRun();
    const html = String(artifacts.get('report.html'));
    const shown = [...html.matchAll(/src="data:image\/jpeg;base64,([^"]+)"/g)].map(([, data = '']) => data);
    expect(shown.length).toBeGreaterThan(0);
    const { format, width, height } = await sharp(Buffer.from(shown[0] ?? '', 'base64')).metadata();
    expect({ format, width, height }).toEqual({ format: 'jpeg', width: 64, height: 48 });
    expect(html).toContain('no thumbnail');
    const pdf = artifacts.get('report.pdf') ?? Buffer.alloc(0);
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pdf.toString('latin1').match(/\/Subtype \/Image/g)).toHaveLength(1);
  });

  test('are told in the states, and the PDF is an artifact of the protocol', async () => {
    const { run } = await reportedRun();
    const uploaded = run.messages.find(({ state }) => state === 'UPLOADED_REPORT');
    expect(uploaded?.message).toBe('Uploaded report.pdf, report.html, report_v2.json.');
    const types = new Map((await world.artifacts.list(run.id)).map(({ fileName, type }) => [fileName, type]));
    expect(REPORTS.map((name) => types.get(name))).toEqual(['REPORT_HTML', 'REPORT_PDF', 'REPORT_V2_JSON']);
  });

  test('are left out where the run is told to', async () => {
    const { run, artifacts } = await reportedRun({ uploadReport: false });
    expect(run.state).toBe('COMPLETED');
    expect(REPORTS.filter((name) => artifacts.has(name))).toEqual([]);
    expect(artifacts.has('selection.csv')).toBe(true);
    expect(run.messages.some(({ state }) => state === 'GENERATING_REPORT')).toBe(false);
  });

  test('have vectors and names of the selection beside them', async () => {
    const { artifacts } = await reportedRun();
    const [header = '', ...rows] = String(artifacts.get('embeddings.csv')).trim().split('\r\n');
    expect(header).toMatch(/^filenames,embedding_0,.*,labels$/);
    expect(rows).toHaveLength(2);
    const names = String(artifacts.get('filenames_selected.txt')).trim().split('\n');
    expect(rows.map((row) => row.split(',')[0]).sort()).toEqual(names);
    expect(String(artifacts.get('filenames_removed.txt')).trim().split('\n')).toHaveLength(2);
  });
});

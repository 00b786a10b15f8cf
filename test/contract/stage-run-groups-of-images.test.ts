import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Dataset, RegisteredRawSample } from '#contracts/items';
import { settledFacts } from '#platform/snapshots/fact-snapshot';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import type { RunDeps } from '../../functions/run/run-deps.ts';
import { completedRun } from '../support/completed-run.ts';
import { collect, someFacts } from '../support/documents.ts';
import { failingAtCall } from '../support/failing-at-call.ts';
import { outcomeOf, runOf } from '../support/run-outcome.ts';
import { addImage, type RunWorld, scheduleRun, startRunWorld } from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

const PROCESS_ALL = { docker: { datasource: { processAll: true } } };
/** A selection that no image is good enough for. */
const NONE = {
  selection: {
    nSamples: 1,
    strategies: [
      {
        input: { type: 'METADATA', key: 'lightly.sharpness' },
        strategy: { type: 'THRESHOLD', threshold: 1_000, operation: 'BIGGER' },
      },
    ],
  },
};
const imageOf = async (dataset: Dataset, fileName: string): Promise<RegisteredRawSample> => {
  const found = await world.rawSamples.get(dataset.id, fileName);
  if (found?.state !== 'registered') throw new Error(`${fileName} is not there.`);
  return found;
};
const sampleNames = async (dataset: Dataset): Promise<string[]> =>
  (await collect(world.samples.range(dataset.id, 0, 50))).map(({ fileName }) => fileName);

/** A dataset of which a run has chosen two images of four: `left` is one of the others. */
async function datasetWithLeftOut(settings: object = {}) {
  const { dataset } = await completedRun(world, settings);
  const chosen = await sampleNames(dataset);
  const left = [1, 2, 3, 4].find((content) => !chosen.includes(`${content} & more.jpg`)) ?? 0;
  return { dataset, content: left, left: `${left} & more.jpg` };
}

/** Adds an image that is that of `content` but for some noise, which no two have in common. */
async function addNearly(dataset: Dataset, fileName: string, content: number, noise = 1): Promise<void> {
  const facts = someFacts(content);
  const embedding = facts.embedding.map((value) => value + noise / 1_000);
  const sha256 = Buffer.from(fileName).toString('hex').padEnd(64, '0').slice(0, 64);
  await addImage(world, dataset, fileName, content, {
    facts: { ...facts, sha256, embedding },
    eTag: fileName,
  });
}

/** Rows of selection.csv by file name, as they are told after the state of the image. */
async function run(dataset: Dataset, config: object = {}): Promise<Record<string, string>> {
  const { scheduledId } = await carriedOut(dataset, config);
  const { state, selection } = await outcomeOf(world, scheduledId);
  expect(state).toBe('COMPLETED');
  const rows = selection.trim().split(/\r?\n/).slice(1);
  return Object.fromEntries(rows.map((row) => [row.slice(0, row.indexOf(',')), row]));
}
async function carriedOut(dataset: Dataset, config: object) {
  const message = await scheduleRun(world, dataset, config);
  await carryOutRun(message, world);
  return message;
}

describe('an image that a run has read and not chosen', () => {
  test('represents what is nearly the same in later runs, with one id, in the table and in the snapshot', async () => {
    const { dataset, content, left } = await datasetWithLeftOut();
    await addNearly(dataset, 'b.jpg', content);
    const second = await run(dataset);
    const { group } = await imageOf(dataset, left);
    expect(group).toEqual({ id: expect.stringMatching(/^[0-9a-f]{24}$/), representative: left });
    expect(second['b.jpg']).toContain(`${group?.id},${left}`);
    await addNearly(dataset, 'a.jpg', content, 2);
    await run(dataset);
    const samples = await collect(world.samples.range(dataset.id, 0, 50));
    const near = samples.filter(({ fileName }) => fileName === 'a.jpg' || fileName === 'b.jpg');
    expect(near.map((sample) => sample.group)).toEqual([group, group]);
    expect((await imageOf(dataset, left)).group).toEqual(group);
    const stored = (await world.datasets.get(dataset.id)) as Dataset;
    const settled = await settledFacts(stored, { ...world, onFallback: fail });
    expect(settled?.get(left)).toEqual(await imageOf(dataset, left));
    // And where a run looks at all images again.
    const all = await run(dataset, PROCESS_ALL);
    expect(all[left]).toContain(`${group?.id},${left}`);
  });

  test('is not looked for where it was deleted, nor where groups are switched off', async () => {
    const { dataset, content, left } = await datasetWithLeftOut();
    const { facts: _, thumbName: __, ...base } = await imageOf(dataset, left);
    const sequencer = `${base.sequencer}f`;
    const gone = { ...base, sequencer, registeredAt: world.now(), pending: false, state: 'deleted' } as const;
    await world.rawSamples.write(gone, { by: 'sequencer', sequencer });
    await addNearly(dataset, 'b.jpg', content);
    expect((await run(dataset))['b.jpg']).not.toContain(left);

    const off = await datasetWithLeftOut({ nearDuplicates: { mode: 'off' } });
    await addNearly(off.dataset, 'b.jpg', off.content);
    expect((await run(off.dataset))['b.jpg']).not.toContain(off.left);
    expect(await imageOf(off.dataset, off.left)).not.toHaveProperty('group');
  });

  test('does not keep others out in dedup: the first of its group that is chosen does', async () => {
    const { dataset, content, left } = await datasetWithLeftOut({ nearDuplicates: { mode: 'dedup' } });
    await addNearly(dataset, 'b.jpg', content, 1);
    await addNearly(dataset, 'c.jpg', content, 2);
    const second = await run(dataset);
    expect(second['b.jpg']).toMatch(/selected/);
    expect(second['c.jpg']).toContain('Nearly the same as b.jpg');
    await addNearly(dataset, 'a.jpg', content, 3);
    expect((await run(dataset))['a.jpg']).toContain('Nearly the same as b.jpg');
    const all = await run(dataset, PROCESS_ALL);
    for (const name of [left, 'a.jpg', 'c.jpg']) expect(all[name]).toContain('Nearly the same as b.jpg');
    const chosen = await sampleNames(dataset);
    expect(chosen.filter((name) => [left, 'a.jpg', 'b.jpg', 'c.jpg'].includes(name))).toEqual(['b.jpg']);
  });

  test('is forgotten with the snapshot, which the log says, until a run looks at all images', async () => {
    const { dataset, content, left } = await datasetWithLeftOut();
    await addNearly(dataset, 'b.jpg', content);
    await run(dataset, NONE);
    const { group } = await imageOf(dataset, left);
    expect((await imageOf(dataset, 'b.jpg')).group).toEqual(group);
    await world.datasets.recordFacts(dataset.id, { cutoff: world.now() });
    await addNearly(dataset, 'c.jpg', content, 2);
    const { scheduledId } = await carriedOut(dataset, NONE);
    const { run: third } = await runOf(world, scheduledId);
    const log = await world.runLogs.read(third.id, 0, 1_000);
    expect(log.filter(({ level }) => level === 'WARNING').map(({ msg }) => msg)).toEqual([
      expect.stringContaining('there is no snapshot of their facts'),
    ]);
    expect((await imageOf(dataset, 'c.jpg')).group).toBeUndefined();
    await run(dataset, { ...PROCESS_ALL, ...NONE });
    for (const name of [left, 'b.jpg', 'c.jpg']) {
      expect({ name, group: (await imageOf(dataset, name)).group }).toEqual({ name, group });
    }
  });

  test.each<[string, object]>([
    ['that reads what is new', NONE],
    ['that reads all images', { ...PROCESS_ALL, ...NONE }],
  ])(
    'has its group in table and snapshot whenever the worker of a run %s dies',
    async (_, config) => {
      const ports = ['datasets', 'rawSamples', 'objects', 'samples'] as const satisfies (keyof RunDeps)[];
      for (let fatal = 14, survived = false; !survived; fatal += 2) {
        const { dataset, content, left } = await datasetWithLeftOut();
        await addNearly(dataset, 'b.jpg', content);
        const message = await scheduleRun(world, dataset, config);
        const { deps } = failingAtCall<RunDeps>(world, ports, fatal);
        survived = await carryOutRun(message, deps).then(
          () => true,
          () => false,
        );
        world.clock.at += 60_000;
        await carryOutRun(message, world);
        const stored = (await world.datasets.get(dataset.id)) as Dataset;
        const settled = await settledFacts(stored, { ...world, onFallback: fail });
        const image = await imageOf(dataset, left);
        expect({ fatal, representative: image.group?.representative }).toEqual({
          fatal,
          representative: left,
        });
        expect({ fatal, image: settled?.get(left) }).toEqual({ fatal, image });
      }
    },
    120_000,
  );
});

function fail(error: unknown): never {
  throw error;
}

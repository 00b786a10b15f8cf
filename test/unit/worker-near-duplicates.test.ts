import { describe, expect, test } from '@jest/globals';
import { BUILT_IN_MODEL } from '#contracts/embedding-models';
import type { RegisteredRawSample } from '#contracts/items';
import {
  type NearDuplicateGroup,
  type NearDuplicateSettings,
  nearDuplicateSettings,
} from '#contracts/near-duplicates';
import type { AnalysedSample } from '#contracts/samples';
import { type SelectionConfig, selectionConfig } from '#contracts/selection-config';
import { splitSettings } from '#contracts/settings';
import { dockerConfig } from '#contracts/worker-config';
import { splitSide } from '#platform/exports/split-side';
import { NOTHING_GIVEN } from '#platform/given-facts/given-facts';
import { decideCandidates } from '#platform/runs/run-decisions';
import { sortCandidates } from '#platform/runs/sort-candidates';
import { select } from '#selection/select';
import { groupCandidates } from '#worker/near-duplicates/group-near-duplicates';
import type { ReadImage } from '#worker/near-duplicates/read-image';
import { selectImages } from '#worker/select-images';
import { newId, someFacts, someRawSample } from '../support/documents.ts';
import { aRun } from '../support/runs.ts';

const dataset = { id: newId(), name: 'shop', sampleCount: 0 };
const config = (document: object = {}): SelectionConfig =>
  selectionConfig.parse({
    proportionSamples: 1,
    strategies: [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }],
    ...document,
  });

/** An image at a place of the line; 0.1 apart is nearly the same, 1 is not. */
const image = (fileName: string, place: number, sharpness = 1): RegisteredRawSample => {
  const facts = someFacts(1);
  return someRawSample({
    datasetId: dataset.id,
    fileName,
    facts: {
      ...facts,
      sha256: Buffer.from(`${fileName} ${place}`).toString('hex').padEnd(64, '0').slice(0, 64),
      embedding: Float32Array.of(place, 0),
      metadata: { ...facts.metadata, sharpness },
    },
  });
};

/** As an image of an earlier run that was not chosen. */
const asRead = (
  { fileName, registeredAt, facts: { embedding, perceptualHash, embeddingModel } }: RegisteredRawSample,
  group?: NearDuplicateGroup,
): ReadImage => ({ fileName, registeredAt, embedding, perceptualHash, embeddingModel, group });

/** A run after which `samples` are what the dataset has, and `decisions` what became of the images. */
async function runOver(
  candidates: readonly RegisteredRawSample[],
  before: {
    samples?: readonly AnalysedSample[];
    read?: readonly ReadImage[];
    settings?: Partial<NearDuplicateSettings>;
    selection?: SelectionConfig;
  } = {},
) {
  const { samples = [], selection = config() } = before;
  const run = aRun({ datasetId: dataset.id });
  const sorted = sortCandidates(candidates, samples, run.createdAt, BUILT_IN_MODEL);
  const input = {
    run,
    dataset,
    config: { docker: dockerConfig.parse({}), selection, ignored: [] },
    embeddingModel: BUILT_IN_MODEL,
    candidates,
    samples,
    given: NOTHING_GIVEN,
    nearDuplicates: nearDuplicateSettings.parse(before.settings ?? {}),
    ...(before.read && { read: before.read }),
  };
  const control = { progress: async () => undefined, warn: () => undefined };
  const groups = await groupCandidates(input, sorted, control);
  const asImage = ({ fileName, facts }: RegisteredRawSample | AnalysedSample) => ({
    fileName,
    embedding: facts.embedding,
    metadata: { lightly: { sharpness: facts.metadata.sharpness } },
  });
  const request = {
    config: selection,
    candidates: sorted.selectable.map(asImage),
    preselected: sorted.datapool.map(asImage),
  };
  const chosen = await selectImages(request, 1, groups, select);
  const decisions = decideCandidates(run, sorted, chosen, samples.length, { ...groups, ...chosen });
  const { regrouped, regroupedImages } = groups;
  return { decisions, samples: samplesAfter(samples, decisions, regrouped), regroupedImages };
}

function samplesAfter(
  before: readonly AnalysedSample[],
  decisions: Awaited<ReturnType<typeof decideCandidates>>,
  regrouped: readonly { index: number; group: NonNullable<AnalysedSample['group']> }[],
): AnalysedSample[] {
  const all = new Map(before.map((sample) => [sample.index, sample]));
  for (const { sample } of decisions) if (sample) all.set(sample.index, sample as AnalysedSample);
  for (const { index, group } of regrouped) all.set(index, { ...all.get(index)!, group });
  return [...all.values()].sort((a, b) => a.index - b.index);
}

const outcomes = ({ decisions }: Awaited<ReturnType<typeof runOver>>): Record<string, string> =>
  Object.fromEntries(decisions.map(({ fileName, outcome }) => [fileName, outcome]));
const groupsOf = ({ samples }: { samples: readonly AnalysedSample[] }): Record<string, string | undefined> =>
  Object.fromEntries(samples.map(({ fileName, group }) => [fileName, group?.representative]));

describe('groups from run to run', () => {
  test('a sample that was alone gets its group when a near-duplicate comes, and stays on its side', async () => {
    const first = await runOver([image('r.jpg', 0), image('s.jpg', 5)]);
    expect(groupsOf(first)).toEqual({ 'r.jpg': undefined, 's.jpg': undefined });
    const second = await runOver([image('a.jpg', 0.1)], first);
    expect(groupsOf(second)).toEqual({ 'r.jpg': 'r.jpg', 's.jpg': undefined, 'a.jpg': 'r.jpg' });
    const third = await runOver([image('b.jpg', 0.2), image('t.jpg', 5.1)], second);
    expect(groupsOf(third)).toMatchObject({ 'b.jpg': 'r.jpg', 's.jpg': 's.jpg', 't.jpg': 's.jpg' });
    expect(new Set(third.samples.map(({ group }) => group?.id)).size).toBe(2);
    for (let seed = 0; seed < 100; seed++) {
      const split = splitSettings.parse({ train: 0.5, test: 0.5, seed });
      const sides = [first, second, third].map(({ samples }) =>
        Object.fromEntries(samples.map((sample) => [sample.fileName, splitSide(sample, split)])),
      );
      expect(sides[2]).toMatchObject({ ...sides[0], ...sides[1] });
      expect(sides[2]!['b.jpg']).toBe(sides[0]!['r.jpg']);
      expect(sides[2]!['t.jpg']).toBe(sides[0]!['s.jpg']);
    }
  });

  test('a sample that is uploaded again keeps its group with the same bytes, and loses it with another image', async () => {
    const first = await runOver([image('a.jpg', 0), image('b.jpg', 0.1)]);
    const same = await runOver([image('b.jpg', 0.1)], first);
    expect(groupsOf(same)).toEqual({ 'a.jpg': 'a.jpg', 'b.jpg': 'a.jpg' });
    const other = await runOver([image('b.jpg', 9)], first);
    expect(groupsOf(other)).toEqual({ 'a.jpg': 'a.jpg', 'b.jpg': undefined });
    expect(other.decisions[0]).not.toHaveProperty('group');
  });

  test('an image that was read and not chosen keeps its group, and others join it', async () => {
    const group = { id: 'a'.repeat(24), representative: 'r.jpg' };
    const elsewhere = await runOver([image('a.jpg', 0.1)], { read: [asRead(image('r.jpg', 0), group)] });
    expect(elsewhere.decisions.map(({ group: found }) => found)).toEqual([group]);
    expect(elsewhere.regroupedImages).toEqual([]);
    const again = await runOver([image('a.jpg', 0.1), { ...image('r.jpg', 0), group, pending: false }]);
    expect(again.decisions.map(({ group: found }) => found)).toEqual([group, group]);
    const off = await runOver([{ ...image('r.jpg', 0), group }], { settings: { mode: 'off' } });
    expect(off.decisions[0]?.group).toEqual(group);
  });

  test('an image that was read, not chosen and alone represents those that join it, and is told', async () => {
    const r = image('r.jpg', 0);
    const read = [asRead(image('q.jpg', 7)), asRead(r), asRead(image('s.jpg', 0.3))];
    const run = await runOver([image('a.jpg', 0.1), image('b.jpg', 3)], { read });
    const group = { id: expect.stringMatching(/^[0-9a-f]{24}$/), representative: 'r.jpg' };
    expect(run.decisions.map(({ group: found }) => found)).toEqual([group, undefined]);
    expect(run.regroupedImages).toEqual([{ fileName: 'r.jpg', registeredAt: r.registeredAt, group }]);
    // With all images it is the same, though the new one comes first by name.
    const all = await runOver([image('a.jpg', 0.1), { ...r, pending: false }]);
    expect(all.decisions.map(({ group: found }) => found)).toEqual([group, group]);
    expect(all.decisions[0]?.group).toEqual(run.decisions[0]?.group);
  });

  test('images that were read while nobody looked for groups are grouped when they are looked at again', async () => {
    const samples = await runOver([image('s.jpg', 0)], { settings: { mode: 'off' } });
    const again = [image('a.jpg', 0.1), image('b.jpg', 5), image('c.jpg', 5.1)];
    const run = await runOver(
      again.map((each) => ({ ...each, pending: false })),
      { ...samples, settings: { mode: 'dedup' } },
    );
    expect(outcomes(run)).toEqual({
      'a.jpg': 'near-duplicate',
      'b.jpg': 'selected',
      'c.jpg': 'near-duplicate',
    });
  });

  test('what another model has described is not compared', async () => {
    const read = [{ ...asRead(image('r.jpg', 0)), embeddingModel: 'another' }];
    const run = await runOver([image('a.jpg', 0.1)], { read });
    expect(run.decisions[0]).not.toHaveProperty('group');
    expect(run.regroupedImages).toEqual([]);
  });

  test('switched off, nothing is grouped', async () => {
    const run = await runOver([image('a.jpg', 0), image('b.jpg', 0.1)], { settings: { mode: 'off' } });
    expect(groupsOf(run)).toEqual({ 'a.jpg': undefined, 'b.jpg': undefined });
  });

  test('the limits are those of the settings', async () => {
    const settings = { maxDistance: 0.05 };
    const run = await runOver([image('a.jpg', 0), image('b.jpg', 0.1), image('c.jpg', 0.12)], { settings });
    expect(groupsOf(run)).toEqual({ 'a.jpg': undefined, 'b.jpg': 'b.jpg', 'c.jpg': 'b.jpg' });
  });
});

describe('dedup', () => {
  const settings = { mode: 'dedup' } as const;

  test('keeps the representative of each group, and says of the others which one is kept', async () => {
    const run = await runOver([image('a.jpg', 0), image('b.jpg', 0.1), image('c.jpg', 5)], { settings });
    expect(outcomes(run)).toEqual({ 'a.jpg': 'selected', 'b.jpg': 'near-duplicate', 'c.jpg': 'selected' });
    expect(run.decisions[1]).toMatchObject({
      reason: 'Nearly the same as a.jpg, and one image of each group is kept.',
      keptAs: 'a.jpg',
      group: { representative: 'a.jpg' },
    });
  });

  test('leaves out what is nearly the same as a sample', async () => {
    const first = await runOver([image('r.jpg', 0)], { settings });
    const second = await runOver([image('a.jpg', 0.1), image('b.jpg', 0.2)], { ...first, settings });
    expect(outcomes(second)).toEqual({ 'a.jpg': 'near-duplicate', 'b.jpg': 'near-duplicate' });
  });

  test('where a threshold removes the representative, the next one that passes is kept', async () => {
    const threshold = {
      input: { type: 'METADATA', key: 'lightly.sharpness' },
      strategy: { type: 'THRESHOLD', threshold: 5, operation: 'BIGGER' },
    };
    const selection = config({ strategies: [threshold, ...config().strategies] });
    const images = [
      image('a.jpg', 0, 1),
      image('b.jpg', 0.1, 9),
      image('c.jpg', 0.2, 9),
      image('d.jpg', 7, 1),
    ];
    const run = await runOver(images, { settings, selection });
    expect(outcomes(run)).toEqual({
      'a.jpg': 'near-duplicate',
      'b.jpg': 'selected',
      'c.jpg': 'near-duplicate',
      'd.jpg': 'not-selected',
    });
    const allFail = await runOver([image('a.jpg', 0, 1), image('b.jpg', 0.1, 1)], { settings, selection });
    expect(outcomes(allFail)).toEqual({ 'a.jpg': 'not-selected', 'b.jpg': 'not-selected' });
  });

  test('a proportion is one of what is left', async () => {
    const images = [0, 1, 2, 3].flatMap((place) => [
      image(`${place}.jpg`, place),
      image(`${place}x.jpg`, place + 0.1),
    ]);
    const run = await runOver(images, { settings, selection: config({ proportionSamples: 0.5 }) });
    expect(Object.values(outcomes(run)).filter((outcome) => outcome === 'selected')).toHaveLength(2);
  });
});

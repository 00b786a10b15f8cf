import { describe, expect, test } from '@jest/globals';
import type { RawSample } from '#contracts/items';
import type { RunDecision } from '#contracts/run-plan';
import type { Sample } from '#contracts/samples';
import { newLandingDataset } from '#platform/datasets/datasets';
import { type PlanContext, planFault } from '#platform/planned-runs/plan-faults';
import { countOutcomes } from '#platform/runs/run-decisions';
import { sampleIdOf } from '#platform/samples/sample-id';
import { newId, someFacts, someRawSample } from '../support/documents.ts';
import { aPlanHeader, aRun } from '../support/runs.ts';

const run = aRun({ cutoff: 1_800_000_000_000 });
const { datasetId } = run;
const buckets = { landing: 'landing', platform: 'platform' };
const dataset = { ...newLandingDataset(datasetId, 'shop', buckets, 1), sampleCount: 2 };
const raw = (fileName: string): RawSample =>
  someRawSample({ datasetId, fileName, bucket: 'landing', key: `shop/${fileName}`, registeredAt: 5 });
const rawSamples = new Map(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'].map((name) => [name, raw(name)]));
const { facts: _, thumbName: __, ...file } = someRawSample({ datasetId, fileName: 'e.jpg', registeredAt: 5 });
rawSamples.set('e.jpg', { ...file, state: 'rejected', rejection: { code: 'CORRUPT', reason: 'no end' } });

function sampleOf(fileName: string, index: number): Sample {
  const { bucket, key, eTag, thumbName } = someRawSample({
    datasetId,
    fileName,
    bucket: 'landing',
    key: `shop/${fileName}`,
  });
  const id = sampleIdOf(datasetId, index);
  const times = { createdAt: 1, lastModifiedAt: 1 };
  const own = { id, datasetId, index, type: 'IMAGE' as const, fileName, runId: run.id, facts: someFacts(1) };
  return { ...own, ...times, bucket, key, eTag, thumbName };
}
const decided = (fileName: string, outcome: RunDecision['outcome'], index?: number): RunDecision => ({
  ...{ fileName, registeredAt: 5, outcome, reason: 'because' },
  ...(index !== undefined && { sample: sampleOf(fileName, index) }),
});
const samples = new Map([[1, sampleOf('d.jpg', 1)]]);
const context: PlanContext = { run, dataset, rawSamples, samples };

const sound = (): RunDecision[] => [
  decided('a.jpg', 'selected', 3),
  decided('b.jpg', 'not-selected'),
  decided('c.jpg', 'selected', 2),
  decided('d.jpg', 'refreshed', 1),
];
const faultOf = (decisions: RunDecision[], header: object = {}): string | undefined => {
  const counted = aPlanHeader(run, { firstIndex: 2, ...countOutcomes(decisions) });
  return planFault({ header: { ...counted, ...header }, decisions }, context);
};
/** The sound plan with something of the decision about a file changed. */
const changed = (fileName: string, change: (decision: RunDecision) => object): RunDecision[] =>
  sound().map((decision) =>
    decision.fileName === fileName ? { ...decision, ...change(decision) } : decision,
  );
const withSample = (fileName: string, fields: Partial<Sample>) =>
  changed(fileName, ({ sample }) => ({ sample: { ...sample, ...fields } }));

describe('a plan from elsewhere', () => {
  test('is carried out where it says what the pipeline itself could have said', () => {
    expect(faultOf(sound())).toBeUndefined();
    expect(faultOf([])).toBeUndefined();
  });

  test('can not say that an image is where the pipeline has not found it', () => {
    expect(faultOf(withSample('a.jpg', { key: 'other/secret.jpg' }))).toMatch(/'a.jpg'.*elsewhere/);
    expect(faultOf(withSample('a.jpg', { bucket: 'other' }))).toMatch(/elsewhere/);
    expect(faultOf(withSample('a.jpg', { thumbName: '../../secret' }))).toMatch(/thumbnail is elsewhere/);
    expect(faultOf(withSample('d.jpg', { key: 'other/secret.jpg' }))).toMatch(/elsewhere/);
  });

  test.each<[string, RunDecision[]]>([
    ['a candidate that nobody knows', changed('b.jpg', () => ({ fileName: 'bb.jpg' }))],
    ['one from the future', changed('b.jpg', () => ({ registeredAt: 1_900_000_000_000 }))],
    ['one that was not registered then', changed('b.jpg', () => ({ registeredAt: 6 }))],
    [
      'a group of what is no image',
      [
        ...sound(),
        {
          ...decided('e.jpg', 'not-selected'),
          group: { id: 'a'.repeat(24), representative: 'b.jpg' },
        },
      ],
    ],
    ['another order', sound().reverse()],
    ['the same candidate twice', [...sound().slice(0, 2), ...sound().slice(1)]],
    ['a sample for what was not selected', changed('b.jpg', () => ({ sample: sampleOf('b.jpg', 4) }))],
    ['no sample for what was selected', changed('c.jpg', () => ({ sample: undefined }))],
    ['the sample of another candidate', changed('c.jpg', () => ({ sample: sampleOf('b.jpg', 2) }))],
    ['an index twice', changed('c.jpg', () => ({ sample: sampleOf('c.jpg', 3) }))],
    ['an index that is taken', changed('c.jpg', () => ({ sample: sampleOf('c.jpg', 1) }))],
    ['a gap', changed('c.jpg', () => ({ sample: sampleOf('c.jpg', 9) }))],
    ['an id that is not that of the index', withSample('c.jpg', { id: newId() })],
    ['a sample of another dataset', withSample('c.jpg', { datasetId: newId() })],
    ['a sample of another run', withSample('c.jpg', { runId: newId() })],
    ['a refreshed sample that there is not', changed('d.jpg', () => ({ sample: sampleOf('d.jpg', 0) }))],
  ])('is refused with %s', (_, decisions) => {
    expect(faultOf(decisions)).toMatch(/./);
  });

  test('is refused with the header of another run, or counts that are not its own', () => {
    expect(faultOf(sound(), { runId: newId() })).toMatch(/another run/);
    expect(faultOf(sound(), { firstIndex: 3 })).toMatch(/first index/);
    expect(faultOf(sound(), { counts: countOutcomes([]) })).toMatch(/counts 0 candidates as selected/);
  });
});

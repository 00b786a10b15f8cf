import { describe, expect, test } from '@jest/globals';
import { BUILT_IN_MODEL } from '#contracts/embedding-models';
import type { RawSample } from '#contracts/items';
import type { Sample } from '#contracts/samples';
import { countOutcomes, decideCandidates } from '#platform/runs/run-decisions';
import { parsePlanLines, planLines } from '#platform/runs/run-plan-lines';
import { sortCandidates } from '#platform/runs/sort-candidates';
import type { ArtifactFile } from '#report/artifact-file';
import { selectionFile } from '#report/selection-files';
import { corruptnessFile, logFile } from '#report/text-artifacts';
import { newId, someFacts, someRawSample, someSample } from '../support/documents.ts';
import { aPlanHeader, aRun } from '../support/runs.ts';

const datasetId = newId();
const image = (fileName: string, seed: number, fields = {}) =>
  someRawSample({ datasetId, fileName, facts: someFacts(seed), ...fields });
function refused(fileName: string, code: 'CORRUPT' | 'UNSUPPORTED_FORMAT', reason: string): RawSample {
  const { facts: _, thumbName: __, ...base } = image(fileName, 0);
  return { ...base, state: 'rejected', rejection: { code, reason } };
}

const existing = [
  { ...someSample(datasetId, 0), fileName: 'old.jpg', versionId: 'v1' },
  someSample(datasetId, 1),
];
const candidates: RawSample[] = [
  image('d.jpg', 11),
  image('old.jpg', 12, { eTag: 'e2' }),
  refused('broken.jpg', 'CORRUPT', 'premature end, "SOS" missing'),
  image('copy.jpg', 11, { lastModified: 1_800_000_000_000 }),
  image('b.jpg', 13),
  refused('notes.pdf', 'UNSUPPORTED_FORMAT', 'a PDF'),
  image('same-as-refreshed.jpg', 12),
];
const run = aRun({ datasetId });
const sorting = (raw: readonly RawSample[], samples: readonly Sample[]) =>
  sortCandidates(raw, samples, run.createdAt, BUILT_IN_MODEL);

const textOf = ({ content }: ArtifactFile): string => Array.from(content as Iterable<string>).join('');

describe('sorting candidates', () => {
  const sorted = sorting(candidates, existing);

  test('each candidate has one place, by file name', () => {
    expect(sorted.selectable.map(({ fileName }) => fileName)).toEqual(['b.jpg', 'd.jpg']);
    expect(sorted.rejected.map(({ fileName }) => fileName)).toEqual(['broken.jpg', 'notes.pdf']);
    expect(sorted.duplicates.map(({ rawSample, keptAs }) => [rawSample.fileName, keptAs])).toEqual([
      ['copy.jpg', 'd.jpg'],
      ['same-as-refreshed.jpg', 'old.jpg'],
    ]);
  });

  test('a sample whose file came again keeps id and index and gets the new facts', () => {
    const [refreshed] = sorted.refreshed;
    expect(refreshed?.sample).toMatchObject({ id: existing[0]!.id, index: 0, eTag: 'e2' });
    expect(refreshed?.sample.facts.sha256).toBe(someFacts(12).sha256);
    expect(refreshed?.sample).not.toHaveProperty('versionId');
    expect(sorted.datapool[0]).toBe(refreshed?.sample);
    expect(sorted.datapool[1]).toBe(existing[1]);
  });

  test('the order in which events came does not matter', () => {
    expect(sorting(candidates.toReversed(), existing.toReversed())).toEqual({
      ...sorted,
      datapool: sorted.datapool.toReversed(),
    });
  });

  test('what another model has described waits, and only its bytes are compared', () => {
    const described = (seed: number) => ({ facts: { ...someFacts(seed), embeddingModel: 'learned/1' } });
    const waiting = [image('z.jpg', 20, described(20)), image('old.jpg', 21, described(21))];
    const stale = { ...existing[0]!, ...described(11) };
    const { outdated, selectable, refreshed, duplicates, datapool } = sorting(
      [image('b.jpg', 11), image('c.jpg', 13), ...waiting],
      [stale, existing[1]!],
    );
    expect(outdated).toEqual({ candidates: 2, samples: 1 });
    expect(selectable.map(({ fileName }) => fileName)).toEqual(['c.jpg']);
    expect([refreshed, datapool]).toEqual([[], [existing[1]]]);
    expect(duplicates.map(({ keptAs }) => keptAs)).toEqual(['old.jpg']);
  });
});

describe('decisions', () => {
  const sorted = sorting(candidates, existing);
  const selection = {
    chosen: [{ index: 1, step: 0, distance: 0.5, reason: 'Farthest.' }],
    filteredOut: [],
    stoppedBy: 'count' as const,
  };
  const decisions = decideCandidates(run, sorted, selection, 2);

  test('every candidate has one, in the order of file names, and the chosen one its sample', () => {
    expect(decisions.map(({ fileName, outcome }) => `${fileName} ${outcome}`)).toEqual([
      'b.jpg not-selected',
      'broken.jpg corrupt',
      'copy.jpg duplicate',
      'd.jpg selected',
      'notes.pdf unsupported',
      'old.jpg refreshed',
      'same-as-refreshed.jpg duplicate',
    ]);
    const chosen = decisions.find(({ outcome }) => outcome === 'selected');
    expect(chosen?.sample).toMatchObject({ index: 2, runId: run.id, selection: { step: 0, distance: 0.5 } });
    expect(countOutcomes(decisions)).toMatchObject({ selected: 1, duplicate: 2, refreshed: 1, corrupt: 1 });
  });

  test('a plan survives being written and read', async () => {
    const plan = { header: aPlanHeader(run, countOutcomes(decisions)), decisions };
    async function* lines() {
      yield* planLines(plan);
    }
    expect(await parsePlanLines(lines())).toEqual(plan);
  });

  test('the table of the selection is RFC 4180', () => {
    const lines = textOf(selectionFile(decisions)).split('\r\n');
    expect(lines[0]).toBe('fileName,state,reason,step,distance,group,representative');
    expect(lines[2]).toBe('broken.jpg,corrupt,"CORRUPT: premature end, ""SOS"" missing",,,,');
    expect(lines[4]).toBe('d.jpg,selected,Farthest.,0,0.5,,');
    expect(lines).toHaveLength(decisions.length + 2);
  });

  test('a file name that a spreadsheet would run is marked as text', () => {
    const [decision] = decisions;
    const text = textOf(selectionFile([{ ...decision!, fileName: '=HYPERLINK("x")' }]));
    expect(text).toContain('\r\n"\'=HYPERLINK(""x"")",not-selected,');
  });

  test('corrupt files are listed apart from unsupported ones', () => {
    expect(JSON.parse(textOf(corruptnessFile(decisions)))).toEqual({
      corrupt_samples: { 'broken.jpg': 'CORRUPT: premature end, "SOS" missing' },
      corrupt_videos: {},
    });
  });
});

test('the log ends where it is told to, however far the run has got', () => {
  const messages = (['STARTED', 'UPLOADING_ARTIFACTS', 'COMPLETED'] as const).map((state) => ({
    at: 0,
    state,
    message: 'hello',
  }));
  expect(textOf(logFile(aRun({ messages }), 'UPLOADING_ARTIFACTS'))).toBe(
    '1970-01-01T00:00:00.000Z STARTED hello\n1970-01-01T00:00:00.000Z UPLOADING_ARTIFACTS hello\n',
  );
});

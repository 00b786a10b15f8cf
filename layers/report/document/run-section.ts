import type { Run } from '#contracts/items';
import type { RunPlanHeader } from '#contracts/run-plan';
import { durationText, timeText } from '../drawing/number-text.ts';
import { type TimeSpan, timeLine } from '../drawing/time-line.ts';
import type { Section } from './report-document.ts';

/** What was asked for, and how long each state took. */
export function runSections(
  run: Pick<Run, 'id' | 'createdAt' | 'messages'>,
  header: RunPlanHeader,
): Section[] {
  const asked: Section[] =
    header.configuration.length > 0
      ? [{ title: 'What was asked for', blocks: [{ kind: 'list', items: header.configuration }] }]
      : [];
  const spans = spansOf(run);
  const took: Section[] =
    spans.length > 0
      ? [{ title: 'Time', blocks: [{ kind: 'drawings', drawings: [timeLine('Time in each state', spans)] }] }]
      : [];
  const facts = [
    ['dataset', `${header.datasetName} (${header.datasetId})`],
    ['run', run.id],
    ['images registered until', timeText(header.processedUntil)],
    ['started', timeText(run.createdAt)],
    ['decided after', durationText(header.decidedAt - run.createdAt)],
    ['worker', header.workerVersion],
  ];
  return [
    ...asked,
    ...took,
    { title: 'This run', blocks: [{ kind: 'table', columns: ['', ''], rows: facts }] },
  ];
}

/** Up to the report itself: what comes later is not known while it is written. */
function spansOf({ createdAt, messages }: Pick<Run, 'createdAt' | 'messages'>): TimeSpan[] {
  const end = messages.findIndex(({ state }) => state === 'GENERATING_REPORT');
  const before = end < 0 ? messages : messages.slice(0, end + 1);
  return before.slice(0, -1).map(({ state, at }, position) => ({
    label: stateText(state),
    from: at - createdAt,
    until: (before[position + 1]?.at ?? at) - createdAt,
  }));
}

/** `LOADING_DATASET` as people say it. */
const stateText = (state: string): string => {
  const words = state.toLowerCase().replaceAll('_', ' ');
  return words.slice(0, 1).toUpperCase() + words.slice(1);
};

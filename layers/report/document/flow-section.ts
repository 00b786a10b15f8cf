import type { RunPlanHeader } from '#contracts/run-plan';
import type { Ink } from '../drawing/drawing.ts';
import { type FlowStep, flowChart } from '../drawing/flow-chart.ts';
import { countText } from '../drawing/number-text.ts';
import type { Section } from './report-document.ts';

/** Where the images went, step by step, and what the dataset has by now. */
export function flowSection(header: RunPlanHeader): Section {
  const { counts } = header;
  const leaving: FlowStep[] = [
    step('corrupt', counts.corrupt, 'baseline'),
    step('not supported', counts.unsupported, 'baseline'),
    step('exact duplicates', counts.duplicate, 'neutral'),
    step('near-duplicates', counts['near-duplicate'], 'neutral'),
    step('not selected', counts['not-selected'], 'neutral'),
  ];
  const input = leaving.reduce((sum, { count }) => sum + count, counts.selected);
  const chart = flowChart('What became of the images that were read', step('images read', input, 'ink'), [
    ...leaving.filter(({ count }) => count > 0),
    step('selected', counts.selected, 'accent'),
  ]);
  return {
    title: 'What became of the images',
    blocks: [
      { kind: 'drawings', drawings: [chart] },
      { kind: 'text', text: datapoolText(header) },
    ],
  };
}

const step = (label: string, count: number, ink: Ink): FlowStep => ({ label, count, ink });

function datapoolText(header: RunPlanHeader): string {
  const { preselected, leavesDatapool } = header;
  const before =
    preselected === 0 ? 'no samples' : `${countText(preselected)} samples, which count as already chosen`;
  if (leavesDatapool)
    return `The dataset had ${before}, and stays as it is: the run was told not to add to it.`;
  return `The dataset had ${before}, and has ${countText(samplesAfter(header))} now.`;
}

/** Samples that the dataset has after the run. */
export const samplesAfter = ({ preselected, counts, leavesDatapool }: RunPlanHeader): number =>
  leavesDatapool ? preselected : preselected + counts.selected;

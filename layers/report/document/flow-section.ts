import type { RunPlanHeader } from '#contracts/run-plan';
import type { Ink } from '../drawing/drawing.ts';
import { type FlowStep, flowChart } from '../drawing/flow-chart.ts';
import { countText } from '../drawing/number-text.ts';
import type { Section } from './report-document.ts';

/** Where the images went, step by step, and what the dataset has by now. */
export function flowSection({ counts, preselected }: RunPlanHeader): Section {
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
  const now = preselected + counts.selected;
  const datapool =
    preselected > 0
      ? `The dataset had ${countText(preselected)} samples, which count as already chosen, and has ${countText(now)} now.`
      : `The dataset had no samples before and has ${countText(now)} now.`;
  return {
    title: 'What became of the images',
    blocks: [
      { kind: 'drawings', drawings: [chart] },
      { kind: 'text', text: datapool },
    ],
  };
}

const step = (label: string, count: number, ink: Ink): FlowStep => ({ label, count, ink });

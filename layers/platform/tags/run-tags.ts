import { INITIAL_TAG, type Run, type Tag } from '#contracts/items';
import type { RunPlanHeader } from '#contracts/run-plan';
import { derivedObjectId } from '../derived-id.ts';
import { maskOfRange } from './bit-mask.ts';

/** `%Y%m%d_%Hh%Mm%Ss` of a time in UTC: the pattern by which the protocol's tools name the tags they make. */
export function tagNameAt(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  return `${date.replaceAll('-', '')}_${time.slice(0, 2)}h${time.slice(3, 5)}m${time.slice(6, 8)}s`;
}

/** The tag of all samples, as it is once the run's own are added. */
export function initialTag(run: Run, plan: RunPlanHeader): Tag {
  const sampleCount = plan.firstIndex + plan.counts.selected;
  return {
    id: derivedObjectId('tag', run.datasetId, INITIAL_TAG),
    datasetId: run.datasetId,
    name: INITIAL_TAG,
    prevTagId: null,
    bitMaskData: maskOfRange(0, sampleCount),
    totSize: sampleCount,
    createdAt: run.createdAt,
    lastModifiedAt: plan.decidedAt,
    runId: run.id,
  };
}

/** The tag of what this run selected. `clash` is the number of tags of other runs that have its name already. */
export function runTag(run: Run, plan: RunPlanHeader, initial: Tag, clash: number): Tag {
  const base = tagNameAt(run.createdAt);
  // Callers take the newest tag for the latest selection, so it must never be as old as the initial tag.
  const createdAt = Math.max(plan.decidedAt, initial.createdAt + 1);
  return {
    id: derivedObjectId('tag', run.id),
    datasetId: run.datasetId,
    name: clash === 0 ? base : `${base}_${clash + 1}`,
    prevTagId: initial.id,
    bitMaskData: maskOfRange(plan.firstIndex, plan.firstIndex + plan.counts.selected),
    totSize: plan.counts.selected,
    createdAt,
    lastModifiedAt: createdAt,
    runId: run.id,
  };
}

import { ADMINISTRATOR_ID } from '#contracts/access';
import type { Run } from '#contracts/items';
import type { RunPlanHeader } from '#contracts/run-plan';
import type { ObjectId } from '#contracts/schema';
import { INITIAL_TAG, type Tag, type TagChange, type TagHeader } from '#contracts/tags';
import { derivedObjectId } from '../derived-id.ts';
import { maskOfRange } from './bit-mask.ts';
import { withChange } from './tag-changes.ts';

/** `%Y%m%d_%Hh%Mm%Ss` of a time in UTC: the pattern by which the protocol's tools name the tags they make. */
export function tagNameAt(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  return `${date.replaceAll('-', '')}_${time.slice(0, 2)}h${time.slice(3, 5)}m${time.slice(6, 8)}s`;
}

/** The one tag of all samples of a dataset, whoever makes it. */
export const initialTagId = (datasetId: ObjectId): ObjectId => derivedObjectId('tag', datasetId, INITIAL_TAG);
/** The one tag of what a run selected. */
export const runTagId = (runId: ObjectId): ObjectId => derivedObjectId('tag', runId);

/** The tag of all samples, as it is once the run's own are added. */
export function initialTag(run: Run, plan: RunPlanHeader): Tag {
  const sampleCount = plan.firstIndex + plan.counts.selected;
  return {
    id: initialTagId(plan.datasetId),
    datasetId: plan.datasetId,
    name: INITIAL_TAG,
    prevTagId: null,
    bitMaskData: maskOfRange(0, sampleCount),
    totSize: sampleCount,
    creator: 'USER_WORKER',
    createdAt: run.createdAt,
    lastModifiedAt: plan.decidedAt,
    runId: run.id,
    changes: [byWorker(plan.decidedAt, { initial: { runId: run.id } })],
  };
}

/** The stored initial tag with the samples of `grown`; undefined where it has them. */
export function grownInitialTag(stored: Tag, grown: Tag): Tag | undefined {
  const { totSize, bitMaskData, lastModifiedAt, runId } = grown;
  if (stored.totSize >= totSize) return undefined;
  const upsize = { from: stored.totSize, to: totSize, ...(runId !== undefined && { runId }) };
  const changes = withChange(stored.changes, byWorker(lastModifiedAt, { upsize }));
  return { ...stored, totSize, bitMaskData, lastModifiedAt, changes };
}

const byWorker = (ts: number, changes: TagChange['changes']): TagChange => ({
  userId: ADMINISTRATOR_ID,
  creator: 'USER_WORKER',
  ts,
  changes,
});

/** The tag of what this run selected. `clash` is the number of tags of other runs that have its name already. */
export function runTag(run: Run, plan: RunPlanHeader, initial: TagHeader, clash: number): Tag {
  const base = tagNameAt(run.createdAt);
  const count = plan.counts.selected;
  // Callers take the newest tag for the latest selection, so it must never be as old as the initial tag.
  const createdAt = Math.max(plan.decidedAt, initial.createdAt + 1);
  return {
    id: runTagId(run.id),
    datasetId: plan.datasetId,
    name: clash === 0 ? base : `${base}_${clash + 1}`,
    prevTagId: initial.id,
    bitMaskData: maskOfRange(plan.firstIndex, plan.firstIndex + count),
    totSize: count,
    createdAt,
    lastModifiedAt: createdAt,
    creator: 'USER_WORKER',
    runId: run.id,
    changes: [byWorker(createdAt, { samples: { method: 'selected', count, added: count, removed: 0 } })],
  };
}

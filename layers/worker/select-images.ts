import type { NearDuplicateOf } from '#platform/runs/run-decisions';
import type { SelectionRequest, SelectionResult } from '#selection/select';
import { selectSequences } from '#selection/sequences/select-sequences';
import type { NearDuplicates } from './near-duplicates/group-near-duplicates.ts';
import { keepOnePerGroup } from './near-duplicates/keep-one-per-group.ts';

export interface ImageSelection extends SelectionResult {
  /** Left out before the selection, because an image that is nearly the same is kept. */
  readonly nearDuplicates: readonly NearDuplicateOf[];
}

/**
 * Chooses among the images, or among sequences of them. Consecutive images are near-duplicates by nature, so that of
 * sequences none is left out for it.
 *
 * @param sequenceLength - images of a sequence; 1 chooses images
 * @throws InvalidInputError naming the JSON path of whatever in the configuration can't be carried out
 */
export async function selectImages(
  request: SelectionRequest,
  sequenceLength: number,
  groups: NearDuplicates,
  select: (request: SelectionRequest) => Promise<SelectionResult>,
): Promise<ImageSelection> {
  if (sequenceLength > 1) return { ...(await selectSequences(request, sequenceLength)), nearDuplicates: [] };
  const { kept, left } = await keepOnePerGroup(request, groups);
  const candidates = kept.map(
    (position) => request.candidates[position] as (typeof request.candidates)[number],
  );
  const result = await select({ ...request, candidates });
  const inRequest = <T extends { readonly index: number }>(choice: T): T => ({
    ...choice,
    index: kept[choice.index] as number,
  });
  return {
    ...result,
    chosen: result.chosen.map(inRequest),
    filteredOut: result.filteredOut.map(inRequest),
    nearDuplicates: left,
  };
}

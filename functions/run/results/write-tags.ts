import { ConflictError, RetryableError } from '#contracts/errors';
import type { Run } from '#contracts/items';
import type { RunPlanHeader } from '#contracts/run-plan';
import type { Tag } from '#contracts/tags';
import { grownInitialTag, initialTag, runTag } from '#platform/tags/run-tags';
import type { RunDeps } from '../run-deps.ts';

/** Runs of one dataset that were created within the same second. */
const MOST_TAG_NAME_CLASHES = 100;

/** The tag of all samples grows by what was selected, which gets a tag of its own. Returns that one's name. */
export async function writeTags(run: Run, header: RunPlanHeader, deps: RunDeps): Promise<string> {
  const grown = initialTag(run, header);
  const initial = await deps.tags.create(grown);
  await deps.tags.update(grown.datasetId, grown.id, (stored) => grownInitialTag(stored, grown));
  for (let clash = 0; clash < MOST_TAG_NAME_CLASHES; clash++) {
    const tag = await createUnlessTaken(runTag(run, header, initial, clash), deps);
    if (tag) return tag.name;
  }
  throw new RetryableError('TAG_NAME_TAKEN', `No tag name is free for run '${run.id}'.`);
}

/** Undefined where another tag has the name. */
async function createUnlessTaken(tag: Tag, { tags }: RunDeps): Promise<Tag | undefined> {
  try {
    return await tags.create(tag);
  } catch (error) {
    if (error instanceof ConflictError && error.apiCode === 'TAG_NAME_EXISTS') return undefined;
    throw error;
  }
}

import { mapped } from '#platform/rows';
import { changeTag, checkGivenChanges, deleteTag } from '#platform/tags/change-tag';
import { createTag } from '#platform/tags/create-tag';
import { createInitialTag, upsizeTags } from '#platform/tags/initial-tag';
import { knownTag } from '#platform/tags/known-tag';
import { combineTags, createCombinedTag } from '#platform/tags/tag-arithmetics';
import type { ApiDeps } from '../api-deps.ts';
import { type Operations, RowStream } from '../operation.ts';
import { toTagData } from '../wire/tag-data.ts';

type TagsOperation =
  | 'create_tag_by_dataset_id'
  | 'get_tags_by_dataset_id'
  | 'perform_tag_arithmetics'
  | 'perform_tag_arithmetics_bitmask'
  | 'create_initial_tag_by_dataset_id'
  | 'upsize_tags_by_dataset_id'
  | 'delete_tag_by_tag_id'
  | 'get_tag_by_tag_id'
  | 'update_tag_by_tag_id';

export function tagsOperations(deps: Pick<ApiDeps, 'tags' | 'datasets' | 'now'>): Operations<TagsOperation> {
  const { tags } = deps;
  return {
    create_tag_by_dataset_id: async ({ dataset, body, caller }) => {
      checkGivenChanges(body.changes);
      return { id: await createTag(dataset, body, caller.id, deps) };
    },
    get_tags_by_dataset_id: async ({ dataset }) =>
      new RowStream(mapped(tags.list(dataset.id), (tag) => toTagData(tag, dataset.sampleCount))),
    perform_tag_arithmetics: async ({ dataset, body, caller }) => {
      const { newTagName } = body;
      if (newTagName === undefined) return bitMaskOf(await combineTags(dataset, body, deps));
      return { id: await createCombinedTag(dataset, { ...body, newTagName }, caller.id, deps) };
    },
    perform_tag_arithmetics_bitmask: async ({ dataset, body }) =>
      bitMaskOf(await combineTags(dataset, body, deps)),
    create_initial_tag_by_dataset_id: async ({ dataset, body, caller }) => ({
      id: await createInitialTag(dataset, body, caller.id, deps),
    }),
    upsize_tags_by_dataset_id: async ({ dataset, body, caller }) => ({
      id: await upsizeTags(dataset, body, caller.id, deps),
    }),
    delete_tag_by_tag_id: async ({ dataset, path }) => {
      await deleteTag(dataset, path.tagId, deps);
    },
    get_tag_by_tag_id: async ({ dataset, path }) =>
      toTagData(await knownTag(dataset.id, path.tagId, deps), dataset.sampleCount),
    update_tag_by_tag_id: async ({ dataset, path, body, caller }) => {
      checkGivenChanges(body.changes);
      await changeTag(dataset, path.tagId, body, caller.id, deps);
    },
  };
}

const bitMaskOf = ({ bitMaskData }: { readonly bitMaskData: string }) => ({ bitMaskData });

import type { ClientOptions, SampleDataModes, TagData } from '../../client/index.ts';
import { objectId, pageOf, startClientWorld, tagData } from './client-world.ts';
import { Refusal } from './protocol-server.ts';

/** A dataset that remembers samples and tags, as the server does. */
export async function startUploadWorld(options: ClientOptions = {}) {
  const samples: SampleDataModes[] = [];
  const tags: TagData[] = [];
  const urls = (id: string) => ({
    full: world.server.fileUrl(`${id}/full`),
    thumb: world.server.fileUrl(`${id}/thumb`),
  });
  const create = (body: Partial<SampleDataModes>): string => {
    const id = objectId(samples.length);
    samples.push({ ...body, id, type: 'IMAGE' });
    return id;
  };
  const addTag = (name: string): { id: string } => {
    const id = objectId(100 + tags.length);
    const initial = tags.find((tag) => tag.name === 'initial-tag');
    if (initial) Object.assign(initial, { totSize: samples.length });
    tags.push(tagData({ id, name, totSize: samples.length, prevTagId: initial?.id ?? null }));
    return { id };
  };
  const world = await startClientWorld(
    {
      get_samples_partial_by_dataset_id: ({ query }) => pageOf(samples, query),
      create_sample_by_dataset_id: ({ body }) => ({ id: create(body) }),
      create_sample_with_write_urls_by_dataset_id: ({ body }) => {
        const id = create(body);
        return { id, sampleWriteUrls: urls(id) };
      },
      get_sample_image_write_urls_by_id: ({ path }) => urls(path.sampleId),
      update_sample_by_id: ({ path, body }) => {
        const sample = samples.find(({ id }) => id === path.sampleId);
        if (!sample) throw new Refusal(404, 'SAMPLE_UNKNOWN');
        Object.assign(sample, body);
      },
      register_dataset_upload_by_id: () => undefined,
      get_tags_by_dataset_id: () => tags,
      create_initial_tag_by_dataset_id: ({ body }) => addTag(body.name ?? 'initial-tag'),
      upsize_tags_by_dataset_id: ({ body }) => addTag(body.upsizeTagName),
    },
    options,
  );
  const file = (name: string, kind: 'full' | 'thumb') =>
    world.server.files.get(`${samples.find(({ fileName }) => fileName === name)?.id}/${kind}`);
  return { ...world, samples, tags, file };
}

import { expect } from '@jest/globals';
import type { BodyOf } from '#contracts/protocol/operations';
import type { Tag } from '#contracts/tags';
import { indexesOfMask } from '#platform/tags/bit-mask';
import type { ApiWorld } from './api-world.ts';
import { carryOutJobs } from './carried-out-jobs.ts';
import { addInitialTag, asAddedByClient, datasetWithSamples } from './dataset-with-samples.ts';
import { newId } from './documents.ts';
import { embeddingsCsv, uploadEmbedding } from './embedding-uploads.ts';

export type Request = BodyOf<'trigger_sampling_by_id'>;
export interface SampledLine {
  readonly path: { readonly datasetId: string; readonly embeddingId: string };
  readonly initial: Tag;
}

export const requestOf = (fields: Partial<Request> = {}): Request => ({
  newTagName: `sampled-${newId()}`,
  method: 'CORESET',
  config: { stoppingCondition: { nSamples: 3, minDistance: -1 } },
  ...fields,
});

/** What tests of samplings do in a world, which is there once their first test begins. */
export function samplingsIn(world: () => ApiWorld) {
  /** A dataset whose samples lie on a line, at these places. */
  async function lineOf(places: readonly number[]): Promise<SampledLine> {
    const dataset = await datasetWithSamples(world(), places.length, asAddedByClient);
    const rows = places.map((place, at) => [`image-${at}.jpg`, place, 0] as const);
    const path = await uploadEmbedding(world(), dataset.id, 'line', embeddingsCsv([...rows].reverse()));
    return { path, initial: await addInitialTag(world(), dataset) };
  }

  /** The tag that a sampling has made, and the indexes in it. */
  async function sampled({ path }: SampledLine, fields: Partial<Request>) {
    const body = requestOf(fields);
    const { jobId } = await world().call('trigger_sampling_by_id', { path, body });
    await carryOutJobs(world());
    const job = await world().call('get_job_status_by_id', { path: { jobId } });
    expect(job).toMatchObject({ status: 'FINISHED', result: { type: 'SAMPLING' } });
    const tag = await world().call('get_tag_by_tag_id', {
      path: { datasetId: path.datasetId, tagId: String(job.result?.data) },
    });
    expect(tag.name).toBe(body.newTagName);
    return { tag, indexes: [...indexesOfMask(tag.bitMaskData)] };
  }

  const failed = async ({ path }: SampledLine, fields: Partial<Request>) => {
    const { jobId } = await world().call('trigger_sampling_by_id', { path, body: requestOf(fields) });
    await carryOutJobs(world());
    return world().call('get_job_status_by_id', { path: { jobId } });
  };
  const refused = async ({ path }: Pick<SampledLine, 'path'>, fields: object) => {
    const { status, error } = await world().refused('trigger_sampling_by_id', {
      path,
      body: { ...requestOf(), ...fields },
    });
    return { status, code: error.code, message: error.error };
  };
  const score = (datasetId: string, tagId: string, scoreType: string, scores: number[]) =>
    world().call('create_or_update_active_learning_score_by_tag_id', {
      path: { datasetId, tagId },
      body: { scoreType, scores },
    });
  return { lineOf, sampled, failed, refused, score };
}

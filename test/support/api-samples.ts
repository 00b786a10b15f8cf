import type { ApiWorld } from './api-world.ts';
import { newId } from './documents.ts';

/** What tests of samples do with the API again and again, as its administrator. */
export const samplesClientOf = (world: ApiWorld) => ({
  newDataset: async (): Promise<string> =>
    (await world.call('create_dataset', { body: { name: `shop ${newId()}` } })).id,
  /** Adds a sample; returns its id. */
  create: async (datasetId: string, fileName: string, body: object = {}): Promise<string> => {
    const call = { path: { datasetId }, body: { fileName, ...body } };
    return (await world.call('create_sample_by_dataset_id', call)).id;
  },
  get: (datasetId: string, sampleId: string) =>
    world.call('get_sample_by_id', { path: { datasetId, sampleId } }),
});
export type SamplesClient = ReturnType<typeof samplesClientOf>;

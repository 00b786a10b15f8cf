import type { User } from '#contracts/access';
import { InvalidInputError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import type { FactNeeds } from '../../contracts/fact-needs.ts';
import { type DatasetAccessDeps, usableDatasets } from '../access/usable-dataset.ts';
import type { SampleStore } from '../samples/samples.ts';
import { rowsOfTag } from '../tags/tag-samples.ts';
import type { TagStore } from '../tags/tags.ts';
import type { QueryVectors } from './given-facts.ts';

/** Each candidate is compared with each: 100,000 by 10,000 of 256 numbers are 2.6e11 multiplications, some minutes. */
const MOST_QUERY_VECTORS = 10_000;

export interface QueryVectorsDeps extends DatasetAccessDeps {
  readonly samples: Pick<SampleStore, 'range'>;
  readonly tags: Pick<TagStore, 'get' | 'findByName'>;
}

/**
 * The vectors of the samples of tags, as the built-in embedding has them.
 *
 * @param caller whose rights decide which datasets may be looked at
 * @param model that describes the run's images
 * @throws InvalidInputError where there is no such dataset or tag, the caller may not use it, or another model described it
 */
export async function queryVectors(
  queries: FactNeeds['queries'],
  { caller, model }: { readonly caller: User; readonly model: string },
  deps: QueryVectorsDeps,
): Promise<QueryVectors[]> {
  const find = usableDatasets(caller, deps);
  const found: QueryVectors[] = [];
  for (const { datasetId, tagName } of queries) {
    const dataset = await find(datasetId);
    // Whether it exists is not for everybody to know.
    if (!dataset) {
      throw new InvalidInputError(
        `input.datasetId: there is no dataset '${datasetId}' that the run's owner may use. Ask its owner to share it.`,
      );
    }
    found.push({ datasetId, tagName, vectors: await vectorsOfTag(dataset, tagName, model, deps) });
  }
  return found;
}

async function vectorsOfTag(
  { id, name }: Dataset,
  tagName: string,
  model: string,
  { tags, samples }: QueryVectorsDeps,
): Promise<Float32Array[]> {
  const header = await tags.findByName(id, tagName);
  const tag = header && (await tags.get(id, header.id));
  if (!tag) throw new InvalidInputError(`input.tagName: dataset '${name}' has no tag '${tagName}'.`);
  if (tag.totSize > MOST_QUERY_VECTORS) {
    throw new InvalidInputError(
      `input.tagName: tag '${tagName}' of '${name}' has ${tag.totSize} samples, and SIMILARITY compares with at most ` +
        `${MOST_QUERY_VECTORS}. Name a tag of the typical ones.`,
    );
  }
  const vectors: Float32Array[] = [];
  const read = (datasetId: ObjectId, from: number, to: number) => samples.range(datasetId, from, to);
  for await (const { facts } of rowsOfTag(tag, {}, read)) {
    if (!facts) continue;
    if (facts.embeddingModel !== model) {
      throw new InvalidInputError(
        `input.datasetId: the samples of '${name}' are described by model '${facts.embeddingModel}', and those of the ` +
          `run by '${model}', which can't be compared. Give both datasets the same model.`,
      );
    }
    vectors.push(facts.embedding);
  }
  if (vectors.length > 0) return vectors;
  throw new InvalidInputError(`input.tagName: no sample of tag '${tagName}' of '${name}' has an embedding.`);
}

import { ConflictError, InvalidInputError, NotFoundError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { type SamplingOrder, samplingOrder } from '#contracts/job-requests';
import type { Job } from '#contracts/jobs';
import { type ObjectId, parseWith } from '#contracts/schema';
import type { Tag } from '#contracts/tags';
import type { DatasetStore } from '#platform/datasets/datasets';
import { livingDataset } from '#platform/datasets/living-dataset';
import { derivedObjectId } from '#platform/derived-id';
import type { EmbeddingFilesDeps } from '#platform/embeddings/embedding-files';
import type { EmbeddingStore } from '#platform/embeddings/embeddings';
import { knownEmbedding } from '#platform/embeddings/find-embedding';
import { needsVectors } from '#platform/sampling/order-sampling';
import { SCORE_KEY, samplingSelection, scoresOf, vectorsOf } from '#platform/sampling/sampling-input';
import type { ScoreStore } from '#platform/scores/scores';
import { indexesOfMask, isWithinMask, maskOfIndexes } from '#platform/tags/bit-mask';
import { initialTagId } from '#platform/tags/run-tags';
import type { TagStore } from '#platform/tags/tags';
import { type SelectionCandidate, select } from '#selection/select';

export interface SampleTagDeps extends EmbeddingFilesDeps {
  readonly datasets: Pick<DatasetStore, 'get' | 'touch'>;
  readonly embeddings: EmbeddingStore;
  readonly scores: ScoreStore;
  readonly tags: TagStore;
  readonly now: () => number;
}

/**
 * Chooses samples of a tag and makes a tag of them, preselected ones included. The tag's id follows from the job's:
 * a job that is done again finds its tag, or makes the same one.
 */
export async function sampleTag(job: Job, deps: SampleTagDeps): Promise<{ tagId: ObjectId }> {
  const order = parseWith(samplingOrder, job.request, 'Sampling order');
  const tagId = derivedObjectId('sampling', job.id);
  if (await deps.tags.getHeader(job.datasetId, tagId)) return { tagId };
  const dataset = await livingDataset(job.datasetId, deps.datasets);
  const query = await tagOf(dataset, order.queryTagId, deps);
  const { preselectedTagId } = order;
  const preselected =
    preselectedTagId === undefined ? undefined : await tagOf(dataset, preselectedTagId, deps);
  const sampling = { job, dataset, order, query, preselected };
  await createTag(sampling, await chooseSamples(sampling, deps), tagId, deps);
  return { tagId };
}

interface Sampling {
  readonly job: Job;
  readonly dataset: Dataset;
  readonly order: SamplingOrder;
  readonly query: Tag;
  readonly preselected: Tag | undefined;
}

async function tagOf(dataset: Dataset, tagId: ObjectId, { tags }: SampleTagDeps): Promise<Tag> {
  const tag = await tags.get(dataset.id, tagId);
  if (!tag) throw new NotFoundError('tag', tagId);
  return tag;
}

/** The indexes of the new tag. */
async function chooseSamples(sampling: Sampling, deps: SampleTagDeps): Promise<number[]> {
  const { job, order, query, preselected } = sampling;
  const before = preselected ? [...indexesOfMask(preselected.bitMaskData)] : [];
  const isPreselected = new Set(before);
  const open = [...indexesOfMask(query.bitMaskData)].filter((index) => !isPreselected.has(index));
  if (open.length === 0) throw new InvalidInputError(`Tag '${query.name}' has no sample to choose from.`);
  const known = await knownOf(sampling, new Set([...open, ...before]), deps);
  const most = Math.min(
    open.length,
    Math.max(0, (order.nSamples ?? Number.MAX_SAFE_INTEGER) - before.length),
  );
  const { chosen } = await select({
    config: samplingSelection(order, most, Number.parseInt(job.id.slice(-8), 16)),
    candidates: open.map((index) => asCandidate(index, known)),
    preselected: before.map((index) => ({ embedding: known.vectors.get(index) ?? NO_VECTOR })),
  });
  return [...before, ...chosen.map(({ index }) => open[index] as number)];
}

interface KnownOfSamples {
  readonly vectors: ReadonlyMap<number, Float32Array>;
  readonly scores: ReadonlyMap<number, number>;
}
const NO_VECTOR = new Float32Array();

/** What the method looks at, and no more. */
async function knownOf(
  { dataset, order, query }: Sampling,
  indexes: ReadonlySet<number>,
  deps: SampleTagDeps,
): Promise<KnownOfSamples> {
  const embedding = needsVectors(order.method)
    ? await knownEmbedding(dataset, order.embeddingId, deps)
    : undefined;
  return {
    vectors: embedding ? await vectorsOf(dataset, embedding, indexes, deps) : new Map(),
    scores: order.scores ? await scoresOf(query, order.scores, deps) : new Map(),
  };
}

/** Equals are told apart by their index, and the lot is drawn for it: it never changes, unlike a name. */
const asCandidate = (index: number, { vectors, scores }: KnownOfSamples): SelectionCandidate => ({
  fileName: String(index),
  embedding: vectors.get(index) ?? NO_VECTOR,
  metadata: { [SCORE_KEY]: scores.get(index) },
});

async function createTag(
  { job, dataset, order, query, preselected }: Sampling,
  chosen: readonly number[],
  tagId: ObjectId,
  { tags, datasets, now }: SampleTagDeps,
): Promise<void> {
  const { newTagName, method } = order;
  const at = now();
  const creator = `SAMPLER_${method}` as const;
  const hasAll = !preselected || isWithinMask(preselected.bitMaskData, query.bitMaskData);
  const tag: Tag = {
    id: tagId,
    datasetId: dataset.id,
    name: newTagName,
    prevTagId: hasAll ? query.id : initialTagId(dataset.id),
    queryTagId: query.id,
    ...(preselected && { preselectedTagId: preselected.id }),
    bitMaskData: maskOfIndexes(chosen, dataset.sampleCount),
    totSize: chosen.length,
    creator,
    createdAt: at,
    lastModifiedAt: at,
    changes: [{ userId: job.userId, creator, ts: at, changes: { sampler: { method } } }],
  };
  try {
    await tags.create(tag);
  } catch (error) {
    // It was free when the job was asked for.
    if (error instanceof ConflictError) throw new InvalidInputError(error.message, { cause: error });
    throw error;
  }
  await datasets.touch(dataset.id);
}

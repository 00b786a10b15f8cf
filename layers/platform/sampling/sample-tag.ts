import { ConflictError, InvalidInputError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { SamplingOrder } from '#contracts/job-requests';
import type { JobOf, JobResult } from '#contracts/jobs';
import type { ObjectId } from '#contracts/schema';
import type { SelectionConfig } from '#contracts/selection-config';
import type { Tag } from '#contracts/tags';
import type { DatasetStore } from '../datasets/datasets.ts';
import { livingDataset } from '../datasets/living-dataset.ts';
import { derivedObjectId } from '../derived-id.ts';
import type { EmbeddingFilesDeps } from '../embeddings/embedding-files.ts';
import type { EmbeddingStore } from '../embeddings/embeddings.ts';
import { knownEmbedding } from '../embeddings/find-embedding.ts';
import type { ScoreStore } from '../scores/scores.ts';
import { indexesOfMask, isWithinMask, maskOfIndexes } from '../tags/bit-mask.ts';
import { knownTag } from '../tags/known-tag.ts';
import { initialTagId } from '../tags/run-tags.ts';
import type { TagStore } from '../tags/tags.ts';
import { needsVectors } from './order-sampling.ts';
import { SCORE_KEY, samplingSelection, scoresOf, vectorsOf } from './sampling-input.ts';

export interface SampleTagDeps extends EmbeddingFilesDeps {
  readonly datasets: Pick<DatasetStore, 'get' | 'touch'>;
  readonly embeddings: EmbeddingStore;
  readonly scores: ScoreStore;
  readonly tags: TagStore;
  readonly select: SelectCandidates;
  /** ms */
  readonly now: () => number;
}

/** An image that may be chosen. */
export interface SamplingCandidate {
  readonly fileName: string;
  readonly embedding: Float32Array;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The selection, of which this layer knows no more than that it chooses: positions in `candidates`, in their order. */
export type SelectCandidates = (request: {
  readonly config: SelectionConfig;
  readonly candidates: readonly SamplingCandidate[];
  /** Chosen already. */
  readonly preselected: readonly SamplingCandidate[];
}) => Promise<{ readonly chosen: readonly { readonly index: number }[] }>;

/**
 * Chooses samples of a tag and makes a tag of them, preselected ones included. The tag's id follows from the job's:
 * a job that is done again finds its tag, or makes the same one.
 */
export async function sampleTag(job: JobOf<'SAMPLING'>, deps: SampleTagDeps): Promise<JobResult<'SAMPLING'>> {
  const { request: order } = job;
  const tagId = derivedObjectId('sampling', job.id);
  if (await deps.tags.getHeader(job.datasetId, tagId)) return { tagId };
  const dataset = await livingDataset(job.datasetId, deps.datasets);
  const query = await knownTag(dataset.id, order.queryTagId, deps);
  const { preselectedTagId } = order;
  const preselected =
    preselectedTagId === undefined ? undefined : await knownTag(dataset.id, preselectedTagId, deps);
  const sampling = { job, dataset, order, query, preselected };
  await createTag(sampling, await chooseSamples(sampling, deps), tagId, deps);
  return { tagId };
}

interface Sampling {
  readonly job: JobOf<'SAMPLING'>;
  readonly dataset: Dataset;
  readonly order: SamplingOrder;
  readonly query: Tag;
  readonly preselected: Tag | undefined;
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
  const { chosen } = await deps.select({
    config: samplingSelection(order, most, Number.parseInt(job.id.slice(-8), 16)),
    candidates: open.map((index) => asCandidate(index, known)),
    preselected: before.map((index) => asCandidate(index, known)),
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
const asCandidate = (index: number, { vectors, scores }: KnownOfSamples): SamplingCandidate => ({
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

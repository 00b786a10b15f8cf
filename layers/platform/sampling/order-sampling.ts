import { InvalidInputError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { SamplingMethod, SamplingOrder } from '#contracts/job-requests';
import { type ObjectId, parseWith } from '#contracts/schema';
import { type TagHeader, tagName, tagNameExists } from '#contracts/tags';
import type { ScoreStore } from '../scores/scores.ts';
import { initialTagId } from '../tags/run-tags.ts';
import type { TagStore } from '../tags/tags.ts';

/** The protocol's `SamplingCreateRequest`. Its `rowCount` is not looked at: vectors are found by their file names. */
export interface SamplingRequest {
  readonly newTagName: string;
  readonly method: SamplingMethod;
  readonly config: {
    readonly stoppingCondition?: { readonly nSamples?: number; readonly minDistance?: number };
  };
  readonly queryTagId?: ObjectId;
  readonly preselectedTagId?: ObjectId;
  readonly scoreType?: string;
}

export interface SamplingDeps {
  readonly tags: Pick<TagStore, 'getHeader' | 'findByName'>;
  readonly scores: Pick<ScoreStore, 'list'>;
}

/**
 * What a sampling job is to do; whatever can't be done is refused before there is a job.
 *
 * @throws ConflictError `TAG_NAME_EXISTS`; InvalidInputError for tags that the dataset does not have, scores that are
 * not there, and a condition under which the sampling would not end or not begin
 */
export async function orderSampling(
  dataset: Dataset,
  embeddingId: ObjectId,
  request: SamplingRequest,
  deps: SamplingDeps,
): Promise<SamplingOrder> {
  const { method, preselectedTagId } = request;
  const newTagName = parseWith(tagName, request.newTagName, 'newTagName');
  if (await deps.tags.findByName(dataset.id, newTagName)) throw tagNameExists(newTagName);
  const query = await queryTag(dataset, request.queryTagId, deps);
  const preselected =
    preselectedTagId === undefined ? undefined : await preselectedTag(dataset, preselectedTagId, deps);
  const condition = stoppingCondition(request, query.totSize);
  if (condition.nSamples !== undefined && preselected && condition.nSamples <= preselected.totSize) {
    throw new InvalidInputError(
      `config.stoppingCondition.nSamples: preselected samples count, and there are ${preselected.totSize} of them. ` +
        'Ask for more than that.',
    );
  }
  const scores = needsScores(method) ? await scoresOf(query, request.scoreType, deps) : undefined;
  return {
    ...{ embeddingId, newTagName, method, queryTagId: query.id, ...condition },
    ...(preselectedTagId !== undefined && { preselectedTagId }),
    ...(scores && { scores }),
  };
}

const needsScores = (method: SamplingMethod): boolean => method === 'ACTIVE_LEARNING' || method === 'CORAL';
export const needsVectors = (method: SamplingMethod): boolean => method === 'CORESET' || method === 'CORAL';

async function queryTag(dataset: Dataset, tagId: ObjectId | undefined, { tags }: SamplingDeps) {
  const found = await tags.getHeader(dataset.id, tagId ?? initialTagId(dataset.id));
  if (found) return found;
  throw tagId === undefined
    ? new InvalidInputError('This dataset has no initial tag. Create it first, or name a queryTagId.', {
        apiCode: 'TAG_NO_TAG_IN_DATASET',
      })
    : new InvalidInputError(`queryTagId: this dataset has no tag '${tagId}'. Name one that it has.`, {
        apiCode: 'TAG_QUERYTAG_NOT_IN_DATASET',
      });
}

async function preselectedTag(dataset: Dataset, tagId: ObjectId, { tags }: SamplingDeps) {
  const found = await tags.getHeader(dataset.id, tagId);
  if (found) return found;
  throw new InvalidInputError(`preselectedTagId: this dataset has no tag '${tagId}'. Name one that it has.`, {
    apiCode: 'TAG_PRESELECTEDTAG_NOT_IN_DATASET',
  });
}

/** The protocol's programs send -1 for a condition that is not set. */
const isSet = (value: number | undefined): value is number => value !== undefined && value !== -1;

function stoppingCondition({ method, config }: SamplingRequest, available: number) {
  const { nSamples, minDistance } = config.stoppingCondition ?? {};
  const path = 'config.stoppingCondition';
  if (isSet(nSamples) && !(nSamples > 0 && Number.isFinite(nSamples))) {
    throw new InvalidInputError(
      `${path}.nSamples: expected a number of samples, or a share between 0 and 1, but received ${nSamples}.`,
    );
  }
  if (isSet(minDistance) && !(minDistance >= 0 && Number.isFinite(minDistance))) {
    throw new InvalidInputError(`${path}.minDistance: expected 0 or more but received ${minDistance}.`);
  }
  const looksAtDistance = isSet(minDistance) && minDistance > 0;
  if (looksAtDistance && !needsVectors(method)) {
    throw new InvalidInputError(`${path}.minDistance: ${method} knows no distance; CORESET and CORAL do.`);
  }
  if (!isSet(nSamples) && !looksAtDistance) {
    const remedy = needsVectors(method) ? 'nSamples, minDistance or both' : 'nSamples';
    throw new InvalidInputError(`${path}: nothing says when to stop. Give ${remedy}.`);
  }
  return {
    ...(isSet(nSamples) && { nSamples: countOf(nSamples, available) }),
    ...(looksAtDistance && { minDistance }),
  };
}

/** Below 1 it is a share of what there is. */
const countOf = (nSamples: number, available: number): number =>
  nSamples < 1
    ? Math.max(1, Math.round(nSamples * available))
    : Math.min(Math.floor(nSamples), Number.MAX_SAFE_INTEGER);

/** The scores of this type; without a type, which the protocol's programs never send, those that were written last. */
async function scoresOf(query: TagHeader, scoreType: string | undefined, { scores }: SamplingDeps) {
  const found = await Array.fromAsync(scores.list(query.datasetId, { tagId: query.id }));
  const wanted = scoreType === undefined ? found : found.filter((each) => each.scoreType === scoreType);
  const [newest] = wanted.sort((a, b) => b.lastModifiedAt - a.lastModifiedAt || (a.id < b.id ? 1 : -1));
  if (newest) return { tagId: query.id, scoreId: newest.id };
  const types = found.map((each) => each.scoreType).join(', ');
  throw new InvalidInputError(
    `scoreType: tag '${query.name}' has ${scoreType === undefined ? 'no scores' : `no scores '${scoreType}'`}. ` +
      (types ? `It has ${types}.` : 'Upload scores for it first.'),
    { apiCode: 'TAG_NO_SCORES_AVAILABLE' },
  );
}

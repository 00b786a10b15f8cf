import type { Embeddings } from './embeddings.ts';
import { ApiWorkflowError, InvalidArgumentError, JobFailedError } from './errors.ts';
import type { ResponseOf, SamplingMethod, TagData } from './protocol.ts';
import { currentDatasetId, type Session } from './session.ts';
import type { Tags } from './tags.ts';
import { type Abortable, anySignal } from './transport.ts';

/** What a selection chooses. */
export interface SelectionConfig {
  /** Of the tag that is made. @default made of the other options and the time */
  readonly name?: string | undefined;
  /** Samples at most, with those of the preselected tag; below 1 a fraction, -1 for no limit. @default 32 */
  readonly nSamples?: number | undefined;
  /** Distance between chosen samples at least; -1 for no limit. @default -1 */
  readonly minDistance?: number | undefined;
  /** @default 'CORESET' */
  readonly method?: SamplingMethod | undefined;
}

export interface SelectionOptions extends Abortable {
  /** Its samples are chosen already. */
  readonly preselectedTagId?: string | undefined;
  /** Samples are chosen from this tag. @default the whole dataset */
  readonly queryTagId?: string | undefined;
}

type Job = ResponseOf<'get_job_status_by_id'>;

/** As often may the state of a job not be read before the selection is given up. */
const FAILED_POLLS_AT_MOST = 20;

/** Selections without a worker's run. */
export class Selections {
  readonly #session: Session;
  readonly #tags: Tags;
  readonly #embeddings: Embeddings;

  constructor(session: Session, tags: Tags, embeddings: Embeddings) {
    this.#session = session;
    this.#tags = tags;
    this.#embeddings = embeddings;
  }

  /** Sets scores of the samples of a tag: one number a sample, in their order, for each kind of score. */
  async uploadScores(
    scores: Readonly<Record<string, Iterable<number>>>,
    queryTagId: string,
    { signal }: Abortable = {},
  ): Promise<void> {
    const path = { datasetId: await currentDatasetId(this.#session, { signal }), tagId: queryTagId };
    for (const [scoreType, values] of Object.entries(scores)) {
      const body = { scoreType, scores: [...values] };
      await this.#session.call(
        'create_or_update_active_learning_score_by_tag_id',
        { path, body },
        { signal },
      );
    }
  }

  /**
   * Chooses samples and makes a tag of them.
   * @deprecated `scheduleComputeWorkerRun`
   * @throws InvalidArgumentError where the tag exists or the dataset has none; JobFailedError
   */
  async selection(config: SelectionConfig, options: SelectionOptions = {}): Promise<TagData> {
    const { preselectedTagId, queryTagId, signal } = options;
    const { nSamples = 32, minDistance = -1, method = 'CORESET' } = config;
    const newTagName = config.name ?? `${method}_${nSamples}_${minDistance}_${this.#session.settings.now()}`;
    const tags = await this.#tags.getAllTags({ signal });
    if (tags.some(({ name }) => name === newTagName)) {
      throw new InvalidArgumentError(`There is a tag with the name '${newTagName}' already.`);
    }
    const [newest] = tags;
    if (!newest) throw new InvalidArgumentError('The dataset has no initial tag yet: it has no samples.');
    const datasetId = await currentDatasetId(this.#session, { signal });
    const embeddingId =
      this.#session.embeddingId ?? (await this.#embeddings.setEmbeddingIdToLatest({ signal }));
    const body = {
      newTagName,
      method,
      config: { stoppingCondition: { nSamples, minDistance } },
      preselectedTagId,
      queryTagId,
      rowCount: newest.totSize,
    };
    const request = { path: { datasetId, embeddingId }, body };
    const { jobId } = await this.#session.call('trigger_sampling_by_id', request, { signal });
    return this.#tags.getTagById(await this.#tagMadeBy(jobId, { signal }), { signal });
  }

  async #tagMadeBy(jobId: string, { signal }: Abortable): Promise<string> {
    const { status, error, result } = await this.#finished(jobId, { signal });
    if (status === 'FAILED') throw new JobFailedError(`The selection (job ${jobId}) has failed: ${error}`);
    if (typeof result?.data === 'string') return result.data;
    throw new JobFailedError(`The selection (job ${jobId}) has made no tag.`);
  }

  async #finished(jobId: string, { signal }: Abortable): Promise<Job> {
    const { settings, call } = this.#session;
    const ending = anySignal(signal, settings.signal);
    let secondsToWait = 1;
    for (let failedPolls = 0; ; ) {
      await settings.sleep(secondsToWait * 1000, ending);
      try {
        const job = await call('get_job_status_by_id', { path: { jobId } }, { signal });
        if (job.status === 'FINISHED' || job.status === 'FAILED') return job;
        secondsToWait = job.waitTimeTillNextPoll;
      } catch (error) {
        failedPolls++;
        if (failedPolls >= FAILED_POLLS_AT_MOST || !(error instanceof ApiWorkflowError)) throw error;
      }
    }
  }
}

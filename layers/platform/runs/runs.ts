import type { Artifact, Run } from '#contracts/items';
import type { RunState } from '#contracts/run-states';
import type { ObjectId } from '#contracts/schema';

/** What a list knows of a run without reading it. */
export interface RunEntry {
  readonly id: ObjectId;
  readonly userId: ObjectId;
  readonly datasetId?: ObjectId | undefined;
}

/** Runs as they are kept. */
export interface RunStore {
  /** Creates it, or does nothing where it exists. Returns the stored one. */
  create(run: Run): Promise<Run>;
  get(runId: ObjectId): Promise<Run | undefined>;
  /** In the order of the ids; unknown ones are left out. */
  getMany(runIds: readonly ObjectId[]): Promise<Run[]>;
  /** Newest first. */
  list(datasetId: ObjectId): AsyncIterable<Run>;
  /** Ids of {@link list}. */
  listIds(datasetId: ObjectId): AsyncIterable<ObjectId>;
  /** Those of everybody, newest first. */
  listEntries(): AsyncIterable<RunEntry>;
  /**
   * Moves the run forward and appends the message. Does nothing where the run is already in `state`, beyond it, or
   * ended. Returns the stored run.
   */
  advance(runId: ObjectId, state: RunState, message: string, at: number): Promise<Run>;
  /** Replaces the last message, where the run is as it was read. Returns the stored run. */
  restate(run: Run, message: string, at: number): Promise<Run>;
  /** A worker continues the run of another: counts the attempt and says that it is alive. Returns the stored run. */
  takeOver(runId: ObjectId, at: number): Promise<Run>;
  /**
   * As {@link takeOver}, by a worker elsewhere, where nobody has given a sign of life after `silentSince` (ms) and there
   * is no plan yet. Undefined where that is not so. Forgets the input: another run may have been carried out since.
   */
  takeUp(
    runId: ObjectId,
    by: Required<Pick<Run, 'workerId' | 'dockerVersion'>>,
    silentSince: number,
    at: number,
  ): Promise<Run | undefined>;
  /** Says that a worker is alive. */
  heartbeat(runId: ObjectId, at: number): Promise<void>;
  /** Says that no worker is at it any more: the next one need not wait. */
  giveUp(runId: ObjectId): Promise<void>;
  /**
   * The run waits for its datasource, where it is as it was read: says so as its last message. Returns the stored run.
   * @param reason what is wrong and what to do
   */
  waitForDatasource(run: Run, reason: string, at: number): Promise<Run>;
  /** A run that waits goes on. Undefined where it does not wait, or not as it was read. */
  goOn(run: Run, at: number): Promise<Run | undefined>;
  /** Records the plan, unless another attempt did first. Returns the key of the plan that counts. */
  recordPlan(runId: ObjectId, planKey: string): Promise<string>;
  /** Records what a worker elsewhere is to decide from in this attempt, unless that is known. */
  recordInput(run: Pick<Run, 'id' | 'attempts'>, inputKey: string): Promise<void>;
  recordTag(runId: ObjectId, tagName: string): Promise<void>;
  recordFanOut(runId: ObjectId, at: number): Promise<void>;
  recordArchive(runId: ObjectId, archive: NonNullable<Run['archive']>): Promise<void>;
}

/** Artifacts of the built-in worker's runs as they are kept; the bytes are in the platform bucket. */
export interface ArtifactStore {
  /** Writes the record; the same file name replaces the earlier record. */
  put(artifact: Artifact): Promise<void>;
  list(runId: ObjectId): Promise<Artifact[]>;
}

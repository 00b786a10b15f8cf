/** The 26 states of a run in the order in which a run may pass through them (protocol `DockerRunState`). */
export const RUN_STATES = [
  'STARTED',
  'INITIALIZING',
  'LOADING_DATASET',
  'LOADING_METADATA',
  'LOADING_PREDICTION',
  'CHECKING_CORRUPTNESS',
  'INITIALIZING_OBJECT_CROPS',
  'COMPUTING_METADATA',
  'TRAINING',
  'EMBEDDING',
  'EMBEDDING_OBJECT_CROPS',
  'PRETAGGING',
  'COMPUTING_ACTIVE_LEARNING_SCORES',
  'SAMPLING',
  'EMBEDDING_FULL_IMAGES',
  'SAVING_RESULTS',
  'UPLOADING_DATASET',
  'GENERATING_REPORT',
  'UPLOADING_REPORT',
  'UPLOADED_REPORT',
  'UPLOADING_ARTIFACTS',
  'UPLOADED_ARTIFACTS',
  'COMPLETED',
  'FAILED',
  'CRASHED',
  'ABORTED',
] as const;
export type RunState = (typeof RUN_STATES)[number];

/** FAILED: a handled error. CRASHED: the worker died for good. ABORTED: stopped on purpose. */
const RUN_END_STATES = ['COMPLETED', 'FAILED', 'CRASHED', 'ABORTED'] as const satisfies RunState[];

export const isRunEnded = (state: RunState): boolean =>
  (RUN_END_STATES as readonly RunState[]).includes(state);

/** True where a run in `from` may go to `to`: forward only, to any end state, and never out of one. */
export function canAdvanceRun(from: RunState, to: RunState): boolean {
  return !isRunEnded(from) && RUN_STATES.indexOf(to) > RUN_STATES.indexOf(from);
}

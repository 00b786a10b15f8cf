import type { RunState } from '#contracts/run-states';

/** How a state that takes long is told of. */
const DOING: Partial<Record<RunState, string>> = {
  LOADING_DATASET: 'Loading',
  LOADING_METADATA: 'Loading metadata',
  LOADING_PREDICTION: 'Loading predictions',
  INITIALIZING_OBJECT_CROPS: 'Cutting out',
  TRAINING: 'Training',
  EMBEDDING: 'Embedding',
  EMBEDDING_OBJECT_CROPS: 'Embedding crops',
  COMPUTING_ACTIVE_LEARNING_SCORES: 'Computing scores',
  SAMPLING: 'Selecting',
  SAVING_RESULTS: 'Saving',
  GENERATING_REPORT: 'Drawing',
};

/** Between two percentages, in ms. */
const TOLD_EVERY_MS = 5_000;

/** Which of many shares are told, as sentences: one every few seconds, and each percentage once. */
export function progressTeller(now: () => number): (state: RunState, share: number) => string | undefined {
  let told = { state: undefined as RunState | undefined, percent: 0, at: 0 };
  return (state, share) => {
    const percent = Math.floor(Math.min(1, Math.max(0, share)) * 100);
    const at = now();
    // The first look at a state begins its time: what is over in seconds tells nothing.
    if (told.state !== state) told = { state, percent: 0, at };
    if (percent <= told.percent || at - told.at < TOLD_EVERY_MS) return undefined;
    told = { state, percent, at };
    return `${DOING[state] ?? state}: ${percent} %`;
  };
}

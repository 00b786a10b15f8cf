/** Hears how much is done, 0 to 1. Throws, or rejects, to stop the selection with that error. */
export type OnProgress = (share: number) => void | Promise<void>;

/**
 * Floating-point operations between two pauses: some tenths of a second. Counted rather than timed, so that the
 * same input takes the same path everywhere.
 */
const WORK_BETWEEN_PAUSES = 200_000_000;

/** Gives the event loop a turn at intervals, so that a run stays able to send a heartbeat and to notice a cancel. */
export class Progress {
  readonly #onProgress: OnProgress;
  readonly #totalSteps: number;
  #stepsDone = 0;
  #workSincePause = 0;

  constructor(totalSteps: number, onProgress: OnProgress = () => undefined) {
    this.#totalSteps = totalSteps;
    this.#onProgress = onProgress;
  }

  /** Notes a finished step; true when it is time to `await` {@link pause}. */
  step(work: number): boolean {
    this.#stepsDone++;
    return this.spend(work);
  }

  /** Notes work that is no step of its own; true when it is time to `await` {@link pause}. */
  spend(work: number): boolean {
    this.#workSincePause += work;
    return this.#workSincePause >= WORK_BETWEEN_PAUSES;
  }

  async pause(): Promise<void> {
    this.#workSincePause = 0;
    await this.#onProgress(Math.min(1, this.#stepsDone / Math.max(1, this.#totalSteps)));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

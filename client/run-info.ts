import { InvalidArgumentError } from './errors.ts';
import type { DockerRunState } from './protocol.ts';

/** State of a scheduled run that is not there, or was canceled before a worker began with it. */
export const CANCELED_OR_NOT_EXISTING = 'CANCELED_OR_NOT_EXISTING';

export type ComputeWorkerRunState = DockerRunState | 'OPEN' | typeof CANCELED_OR_NOT_EXISTING;

const END_STATES: ReadonlySet<ComputeWorkerRunState> = new Set([
  'COMPLETED',
  'ABORTED',
  'FAILED',
  'CRASHED',
  CANCELED_OR_NOT_EXISTING,
]);

/** Where a run stands. */
export class ComputeWorkerRunInfo {
  /** `OPEN` while no worker has begun with it. */
  readonly state: ComputeWorkerRunState;
  readonly message: string;

  constructor(state: ComputeWorkerRunState, message: string) {
    this.state = state;
    this.message = message;
  }

  /** Of a scheduled run that no worker has begun with. */
  static waiting(): ComputeWorkerRunInfo {
    return new ComputeWorkerRunInfo('OPEN', 'No worker has begun with the run yet.');
  }

  /** Of a scheduled run that is not there. */
  static missing(scheduledRunId: string): ComputeWorkerRunInfo {
    return new ComputeWorkerRunInfo(
      CANCELED_OR_NOT_EXISTING,
      `There is no scheduled run ${scheduledRunId}, or it was canceled before a worker began with it.`,
    );
  }

  /** Whether nothing more will happen. */
  inEndState(): boolean {
    return END_STATES.has(this.state);
  }

  /** @throws InvalidArgumentError while the run has not ended */
  endedSuccessfully(): boolean {
    if (!this.inEndState()) throw new InvalidArgumentError('The run has not ended yet.');
    return this.state === 'COMPLETED';
  }
}

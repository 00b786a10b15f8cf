import type { MemoryReading } from '#contracts/run-plan';
import type { RunState } from '#contracts/run-states';
import type { SelectionRequest, SelectionResult } from '#selection/select';
import type { RunImages } from './run-images.ts';

/** How a run tells where it stands, and hears that it is to stop. */
export interface RunControl {
  /**
   * The run is in its next state.
   * @throws StopRun where somebody asked to cancel it
   */
  enter(state: RunState, message: string): Promise<void>;
  /**
   * How much of the state is done, 0 to 1. May be called as often as one likes: it is told every few seconds.
   * @throws StopRun where somebody asked to cancel the run
   */
  progress(share: number): Promise<void>;
  /** What is odd, but no reason to stop; one sentence for the log. */
  warn(message: string): void;
  /** Throws StopRun where somebody asked to cancel the run. For use within long steps; costs nothing. */
  stopIfCanceled(): void;
  /** Selects, here or shared with others; what it throws ends the run. */
  select(request: SelectionRequest): Promise<SelectionResult>;
  readonly images: RunImages;
  /** Memory at each step so far. */
  readonly memory: readonly MemoryReading[];
  /** ms */
  readonly now: () => number;
}

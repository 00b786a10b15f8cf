import type { LogLine } from '#contracts/run-files';
import type { RunState } from '#contracts/run-states';
import type { RunPlan } from '#platform/runs/run-plan-lines';
import type { RunImages } from './run-images.ts';
import type { RunInput } from './run-input.ts';
import type { StopRun } from './stop-run.ts';

/** A run that this worker has taken. */
export interface TakenRun {
  readonly runId: string;
  readonly datasetName: string;
  readonly attempt: number;
  /** Without a sign of life for so long (ms) the run is taken from it. */
  readonly leaseMs: number;
}

/** What a worker elsewhere asks of the server. Errors that may pass are not thrown: they are waited for. */
export interface WorkerApi {
  /** Says that it is there, and returns the ids of the scheduled runs that it may take, the most urgent first. */
  offered(): Promise<readonly string[]>;
  /** Undefined where somebody else has it. */
  take(scheduledId: string): Promise<TakenRun | undefined>;
  /** Waits until there is one. @throws StopRun where the run ended meanwhile */
  readInput(run: TakenRun): Promise<RunInput>;
  readonly images: (run: TakenRun) => RunImages;
  /** A sign of life. @throws RunLostError where the run is in other hands */
  tell(
    run: TakenRun,
    progress: { readonly state?: RunState; readonly message?: string },
  ): Promise<{ readonly cancelRequested: boolean }>;
  sendLog(run: TakenRun, lines: readonly LogLine[]): Promise<void>;
  handIn(run: TakenRun, decided: RunPlan | StopRun): Promise<void>;
  release(run: TakenRun): Promise<void>;
}

/** The run is another worker's by now, or over. */
export class RunLostError extends Error {
  override readonly name = 'RunLostError';
}

import type { MemoryReading } from '#contracts/run-plan';
import type { RunState } from '#contracts/run-states';
import { progressLine, stateLine, warningLine } from '#platform/runs/log-lines';
import { type Load, type LogWriter, logWriter } from '#platform/runs/log-writer';
import type { RunPlan } from '#platform/runs/run-plan-lines';
import { progressTeller } from '#platform/runs/state-progress';
import { select } from '#selection/select';
import { memoryReading } from './memory-reading.ts';
import type { RunControl } from './run-control.ts';
import type { RunInput } from './run-input.ts';
import { canceled, StopRun } from './stop-run.ts';
import { RunLostError, type TakenRun, type WorkerApi } from './worker-api.ts';

export interface WorkerDeps {
  readonly api: WorkerApi;
  readonly plan: (input: RunInput, control: RunControl) => Promise<RunPlan>;
  /** Aborted when the worker is to end: it gives the run that it is at back. */
  readonly signal: AbortSignal;
  readonly load: () => Load;
  /** ms */
  readonly now: () => number;
  /** Calls `work` every so many ms until the returned function is called. */
  readonly repeat: (work: () => void, intervalMs: number) => () => void;
  /** One line for who watches. */
  readonly note: (text: string) => void;
}

/**
 * Takes the most urgent run that is offered, and plans it. Returns false where there is none to take.
 * @param deps.signal aborted: the run is given back, and the reason thrown
 */
export async function workOnce(
  deps: WorkerDeps,
): Promise<false | { readonly shutdownWhenJobFinished: boolean }> {
  for (const scheduledId of await deps.api.offered()) {
    deps.signal.throwIfAborted();
    const run = await deps.api.take(scheduledId);
    if (run) return planTaken(run, deps);
  }
  return false;
}

/** Where the worker stands with the run that it has taken. */
interface Planning {
  readonly run: TakenRun;
  readonly log: LogWriter;
  state: RunState;
  message: string;
  cancelRequested: boolean;
  lost: RunLostError | undefined;
  /** A sign of life is under way, which waits where the server can't be reached. */
  isBeating: boolean;
}

async function planTaken(
  run: TakenRun,
  deps: WorkerDeps,
): Promise<{ readonly shutdownWhenJobFinished: boolean }> {
  const { api, note, load, now } = deps;
  note(`Run ${run.runId} of dataset '${run.datasetName}': begun (attempt ${run.attempt}).`);
  const log = logWriter({
    send: (lines) => api.sendLog(run, lines),
    onFailure: (error) => note(`Lines of the log were not sent: ${String(error)}`),
    ...{ load, now },
  });
  const planning: Planning = {
    ...{
      run,
      log,
      state: 'LOADING_DATASET',
      message: '',
      cancelRequested: false,
      lost: undefined,
      isBeating: false,
    },
  };
  const stopBeating = deps.repeat(() => void beat(planning, deps), run.leaseMs / 4);
  try {
    return await decideAndHandIn(planning, deps);
  } catch (error) {
    if (error instanceof RunLostError) {
      note(`Run ${run.runId}: ${error.message}`);
      return { shutdownWhenJobFinished: false };
    }
    await api
      .release(run)
      .catch((failure: unknown) => note(`It could not be given back: ${String(failure)}`));
    note(`Run ${run.runId}: given back.`);
    throw error;
  } finally {
    stopBeating();
    await log.flush();
  }
}

async function decideAndHandIn(
  planning: Planning,
  deps: WorkerDeps,
): Promise<{ readonly shutdownWhenJobFinished: boolean }> {
  const { run, log } = planning;
  const { api, note } = deps;
  let shutdownWhenJobFinished = false;
  let decided: RunPlan | StopRun;
  try {
    const input = await api.readInput(run);
    shutdownWhenJobFinished = input.config.docker.shutdownWhenJobFinished;
    note(`Run ${run.runId}: read ${input.candidates.length} candidates, ${input.samples.length} samples.`);
    decided = await deps.plan(input, controlOf(planning, deps));
  } catch (error) {
    if (!(error instanceof StopRun)) throw error;
    decided = error;
  }
  stopIfEnded(planning, deps);
  await log.flush();
  await api.handIn(run, decided);
  const what =
    decided instanceof StopRun ? decided.message : `plan of ${decided.header.counts.selected} samples`;
  note(`Run ${run.runId}: handed in. ${what}`);
  return { shutdownWhenJobFinished };
}

/** A sign of life. One that is missed is no reason to stop: the next comes soon. */
async function beat(planning: Planning, { api, note }: WorkerDeps): Promise<void> {
  const { run, log } = planning;
  log.noteLoad(planning.state);
  void log.flush();
  if (planning.isBeating) return;
  planning.isBeating = true;
  try {
    const { state, message } = planning;
    const told = message === '' ? {} : { state, message };
    planning.cancelRequested ||= (await api.tell(run, told)).cancelRequested;
  } catch (error) {
    if (error instanceof RunLostError) planning.lost = error;
    else note(`A sign of life did not get through: ${String(error)}`);
  } finally {
    planning.isBeating = false;
  }
}

function controlOf(planning: Planning, deps: WorkerDeps): RunControl {
  const { run, log } = planning;
  const { api, load, now } = deps;
  const memory: MemoryReading[] = [];
  const tellOf = progressTeller(now);
  let plainMessage = '';
  return {
    enter: async (state, message) => {
      stopIfEnded(planning, deps);
      // What stays of a state that is over is what it was about, not how far it was.
      if (planning.message !== plainMessage) await api.tell(run, { message: plainMessage });
      plainMessage = message;
      Object.assign(planning, { state, message });
      log.note({ ...stateLine({ at: now(), state, message }), load: load() });
      planning.cancelRequested ||= (await api.tell(run, { state, message })).cancelRequested;
      stopIfEnded(planning, deps);
      memory.push(memoryReading(now(), state));
    },
    progress: async (share) => {
      stopIfEnded(planning, deps);
      const { state } = planning;
      const told = tellOf(state, share);
      if (told === undefined) return;
      log.note(progressLine(state, told, load()));
      planning.message = `${plainMessage} ${told}`;
    },
    warn: (message) => log.note(warningLine(planning.state, message)),
    stopIfCanceled: () => stopIfEnded(planning, deps),
    select,
    images: api.images(run),
    ...{ memory, now },
  };
}

/** @throws StopRun where somebody asked to cancel the run; RunLostError; the reason for which the worker is to end */
function stopIfEnded({ lost, cancelRequested }: Planning, { signal }: WorkerDeps): void {
  if (lost) throw lost;
  signal.throwIfAborted();
  if (cancelRequested) throw canceled();
}

import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { begunPlanning, planningAnswer, planningInput, planUpload } from '#contracts/planned-runs';
import type { LogLine } from '#contracts/run-files';
import { STATE_GROUP } from '#platform/runs/log-lines';
import type { RunPlan } from '#platform/runs/run-plan-lines';
import { WORKER_VERSION } from '#platform/runs/worker-version';
import { decidedLines } from '#worker/lines/decided-lines';
import { parseInputLines } from '#worker/lines/run-input-lines';
import { canceled, type StopRun } from '#worker/stop-run';
import { RunLostError, type TakenRun, type WorkerApi } from '#worker/worker-api';
import { ApiError } from '../../client/index.ts';
import type { Api } from '../api-command.ts';
import { callOwnApi } from '../own-api.ts';
import { patiently } from './patience.ts';
import { putLines, readLines } from './storage-files.ts';
import { workerImages } from './worker-images.ts';

/** How long (ms) a server that can't be reached is waited for before a run is given up. */
const PATIENCE_MS = 30 * 60_000;
/** Between two looks for the input of a run, in ms. */
const LOOK_EVERY_MS = 500;
/** Time to give a run back when the process is told to end. */
const LAST_WORDS_MS = 10_000;

/** What a worker asks of the server, through the API alone. */
export function workerApi(api: Api, workerId: string): WorkerApi {
  const { client, signal } = api;
  const patience = { signal, forMs: PATIENCE_MS };
  const own = patientCalls(api);
  const tell: WorkerApi['tell'] = ({ runId, attempt }, progress) =>
    own('PUT', `runs/${runId}/progress`, { attempt, ...progress }, planningAnswer).catch(asLost);
  return {
    offered: () => patiently(() => offeredTo(workerId, client), patience),
    take: async (scheduledId) => {
      const body = { workerId, scheduledId, workerVersion: WORKER_VERSION };
      return own('POST', 'planned-runs', body, begunPlanning).catch(unlessTaken);
    },
    readInput: async (run) => {
      const url = await inputUrl(run, api, tell);
      const how = { fetch: api.fetch, signal, what: `the input of run ${run.runId}` };
      return patiently(() => readLines(url, how, parseInputLines), patience);
    },
    images: (run) => workerImages(api, run),
    tell,
    sendLog: async ({ runId }, lines) => {
      await client.call('create_docker_run_log_by_id', { path: { runId }, body: lines.map(sentLine) });
    },
    handIn: (run, decided) => handIn(run, decided, api),
    release: async ({ runId, attempt }) => {
      // The signal of the API may be why the run is given back.
      const last = { ...api, signal: AbortSignal.timeout(LAST_WORDS_MS) };
      await callOwnApi(
        last,
        { method: 'POST', path: `runs/${runId}/release`, body: { attempt } },
        z.undefined(),
      );
    },
  };
}

type OwnCall = <Answer>(
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body: object | undefined,
  schema: z.ZodType<Answer>,
) => Promise<Answer>;

/** Calls of Winnow's own API that wait for a server that can't be reached. */
const patientCalls =
  (api: Api): OwnCall =>
  (method, path, body, schema) =>
    patiently(() => callOwnApi(api, { method, path, body }, schema), {
      signal: api.signal,
      forMs: PATIENCE_MS,
    });

/** Puts the plan to a URL of its own for each try, and says so. */
async function handIn({ runId, attempt }: TakenRun, decided: RunPlan | StopRun, api: Api): Promise<void> {
  const { fetch, signal } = api;
  const own = patientCalls(api);
  let planId = '';
  const urlOf = async (): Promise<string> => {
    const upload = await own('POST', `runs/${runId}/plans`, { attempt }, planUpload);
    planId = upload.planId;
    return upload.signedWriteUrl;
  };
  const how = { fetch, signal, what: `the plan of run ${runId}` };
  const put = () => putLines(urlOf, how, decidedLines(decided, runId));
  await patiently(put, { signal, forMs: PATIENCE_MS }).catch(asLost);
  await own('PUT', `runs/${runId}/plan`, { attempt, planId }, z.undefined()).catch(asLost);
}

/** The protocol has no line without a group. */
const sentLine = (line: LogLine) => ({ ...line, group: line.group ?? STATE_GROUP });

/** Runs that this worker has taken before come first: its process may have died. */
async function offeredTo(workerId: string, client: Api['client']): Promise<string[]> {
  const path = { workerId };
  const runs = await client.call('get_docker_runs_scheduled_by_worker_id', { path });
  const own = runs.filter(({ state }) => state === 'LOCKED');
  return [...own, ...runs.filter(({ state }) => state === 'OPEN')].map(({ id }) => id);
}

async function inputUrl(run: TakenRun, api: Api, tell: WorkerApi['tell']): Promise<string> {
  for (;;) {
    const path = `runs/${run.runId}/input`;
    const ask = () => callOwnApi(api, { method: 'GET', path }, planningInput);
    const { url } = await patiently(ask, { signal: api.signal, forMs: PATIENCE_MS });
    if (url !== undefined) return url;
    // The run may have ended while its input was put together; where it never will be, nobody else hears of this.
    if ((await tell(run, {})).cancelRequested) throw canceled();
    await wait(LOOK_EVERY_MS, undefined, { signal: api.signal }).catch(() => api.signal.throwIfAborted());
  }
}

/** Somebody else was faster, or the run is not there any more. */
function unlessTaken(error: unknown): undefined {
  if (error instanceof ApiError && (error.status === 409 || error.status === 404)) return undefined;
  throw error;
}

function asLost(error: unknown): never {
  if (error instanceof ApiError && (error.status === 409 || error.status === 404)) {
    throw new RunLostError(error.reason);
  }
  throw error;
}

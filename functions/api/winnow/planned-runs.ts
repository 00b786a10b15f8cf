import {
  beginPlanningRequest,
  handInRequest,
  imageUrlsRequest,
  modelUrlsRequest,
  planningProgress,
  planUploadRequest,
  releaseRequest,
} from '#contracts/planned-runs';
import { parseJsonWith } from '#contracts/schema';
import { authenticate } from '#platform/access/authenticate';
import { usableRun } from '#platform/access/usable-run';
import { beginPlanning } from '#platform/planned-runs/begin-planning';
import { handInPlan, planUploadUrl } from '#platform/planned-runs/hand-in-plan';
import { planningImageUrls } from '#platform/planned-runs/image-urls';
import { planningModelUrls } from '#platform/planned-runs/model-urls';
import {
  checkIsAtWork,
  checkPlans,
  notePlanning,
  planningInputUrl,
} from '#platform/planned-runs/planning-attempt';
import { releaseRun } from '#platform/planned-runs/reopen-run';
import { type HttpResponse, jsonResponse } from '#runtime/http-stage';
import type { ApiDeps } from '../api-deps.ts';
import { checkPathIds } from '../path-ids.ts';
import type { RespondOnRoute } from '../respond.ts';
import type { Route } from '../router.ts';

type PlannedRun = Awaited<ReturnType<typeof checkPlans>>;
type Answer = (run: PlannedRun, body: string) => Promise<HttpResponse>;

const BODY = 'The body';
const nothing: HttpResponse = { status: 204, body: '' };

/** Runs that a worker elsewhere plans and the built-in worker carries out. */
export function plannedRunRoutes(deps: ApiDeps): Route<RespondOnRoute>[] {
  /** Only whoever speaks for the run's worker, and may use the run. */
  const ofRun = (method: string, what: string, answer: Answer): Route<RespondOnRoute> => ({
    method,
    path: `/winnow/v1/runs/{runId}/${what}`,
    handler: async ({ credentials, body }, parameters) => {
      const caller = await authenticate(credentials.token, deps);
      checkPathIds(parameters);
      const run = await usableRun(caller, parameters.runId ?? '', deps);
      return answer(await checkPlans(run, caller, deps), body);
    },
  });
  return [
    {
      method: 'POST',
      path: '/winnow/v1/planned-runs',
      handler: async ({ credentials, body }) => {
        const caller = await authenticate(credentials.token, deps);
        const request = parseJsonWith(beginPlanningRequest, body, BODY);
        return jsonResponse(201, await beginPlanning(request, caller, deps));
      },
    },
    ...planningRoutes(ofRun, deps),
    ...endingRoutes(ofRun, deps),
  ];
}

type OfRun = (method: string, what: string, answer: Answer) => Route<RespondOnRoute>;

/** While it plans. */
const planningRoutes = (ofRun: OfRun, deps: ApiDeps): Route<RespondOnRoute>[] => [
  ofRun('PUT', 'progress', async (run, body) =>
    jsonResponse(200, await notePlanning(run, parseJsonWith(planningProgress, body, BODY), deps)),
  ),
  ofRun('GET', 'input', async (run) => jsonResponse(200, await planningInputUrl(run, deps))),
  ofRun('POST', 'image-urls', async (run, body) => {
    const { attempt, fileNames } = parseJsonWith(imageUrlsRequest, body, BODY);
    checkIsAtWork(run, attempt);
    return jsonResponse(200, { urls: await planningImageUrls(run, fileNames, deps) });
  }),
  ofRun('POST', 'model-urls', async (run, body) => {
    const { attempt, name } = parseJsonWith(modelUrlsRequest, body, BODY);
    checkIsAtWork(run, attempt);
    return jsonResponse(200, await planningModelUrls(name, deps));
  }),
];

/** When it has planned, or will not. */
const endingRoutes = (ofRun: OfRun, deps: ApiDeps): Route<RespondOnRoute>[] => [
  ofRun('POST', 'plans', async (run, body) => {
    const { attempt } = parseJsonWith(planUploadRequest, body, BODY);
    return jsonResponse(201, await planUploadUrl(run, attempt, deps));
  }),
  ofRun('PUT', 'plan', async (run, body) => {
    await handInPlan(run, parseJsonWith(handInRequest, body, BODY), deps);
    return nothing;
  }),
  ofRun('POST', 'release', async (run, body) => {
    await releaseRun(run, parseJsonWith(releaseRequest, body, BODY).attempt, deps);
    return nothing;
  }),
];

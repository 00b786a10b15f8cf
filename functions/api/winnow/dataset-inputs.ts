import type { FoundProblem } from '#contracts/datasource-state';
import { InvalidInputError } from '#contracts/errors';
import {
  type DelegatedAccessAnswer,
  dryRunRequest,
  inputSettingsRequest,
  replayRequest,
  syncRequest,
  transferRequest,
  type VerifyAnswer,
} from '#contracts/input-routes';
import type { Dataset } from '#contracts/items';
import { newObjectId, parseJsonWith } from '#contracts/schema';
import { authenticate, type Caller } from '#platform/access/authenticate';
import { usableDataset } from '#platform/access/usable-dataset';
import { transferDataset } from '#platform/datasets/transfer-dataset';
import { changeInputSettings } from '#platform/datasources/configuration/change-input-settings';
import { toldProblem } from '#platform/datasources/datasource-states';
import { datasourceOf } from '#platform/datasources/datasources';
import { missingStatements } from '#platform/datasources/delegated-access/missing-statements';
import { rolePolicy, trustStatement } from '#platform/datasources/delegated-access/role-policy';
import { roleRequestOf } from '#platform/datasources/delegated-access/role-request';
import { dryRun } from '#platform/datasources/input/input-dry-run';
import { inputStatus } from '#platform/datasources/input/input-status';
import { otherPartition } from '#platform/datasources/partitions';
import { partitionOf, partsOfArn } from '#platform/datasources/regions';
import { s3ResourcesOf } from '#platform/datasources/s3-resources';
import { verifyAndNote } from '#platform/datasources/verify-and-note';
import { askedSync, idOfCompare } from '#platform/syncs/asked-sync';
import { goOn } from '#platform/syncs/go-on';
import { type HttpRequest, type HttpResponse, jsonResponse } from '#runtime/http-stage';
import type { ApiDeps } from '../api-deps.ts';
import { checkPathIds } from '../path-ids.ts';
import type { RespondOnRoute } from '../respond.ts';
import type { Route } from '../router.ts';

const BODY = 'The body';
const bodyOf = ({ body }: HttpRequest): string => body || '{}';

type Answer = (
  dataset: Dataset,
  request: HttpRequest,
  caller: Caller,
  parameters: Readonly<Record<string, string>>,
) => Promise<HttpResponse>;

/** Where the images of a dataset come from: how that goes, and what can be done about it. */
export function datasetInputRoutes(deps: ApiDeps): Route<RespondOnRoute>[] {
  /** Only whoever may use the dataset. */
  const ofDataset = (method: string, what: string, answer: Answer): Route<RespondOnRoute> => ({
    method,
    path: `/winnow/v1/datasets/{datasetId}/${what}`,
    handler: async (request, parameters) => {
      const caller = await authenticate(request.credentials.token, deps);
      checkPathIds(parameters);
      const dataset = await usableDataset(caller, parameters.datasetId ?? '', deps);
      return answer(dataset, request, caller, parameters);
    },
  });
  return [
    ofDataset('GET', 'input', async (dataset) => jsonResponse(200, await inputStatus(dataset, deps))),
    ofDataset('GET', 'input/delegated-access', async (dataset, request) =>
      jsonResponse(200, await delegatedAccess(dataset, request.query, deps)),
    ),
    ofDataset('POST', 'input/dry-run', async (dataset, request) => {
      const { filter } = parseJsonWith(dryRunRequest, bodyOf(request), BODY);
      return jsonResponse(200, await dryRun({ dataset, filter }, deps));
    }),
    ofDataset('POST', 'input/verify', async (dataset) => jsonResponse(200, await verified(dataset, deps))),
    ...settingsRoutes(ofDataset, deps),
    ...pipelineRoutes(ofDataset, deps),
    ofDataset('POST', 'transfer', async (dataset, { body }, caller) => {
      const to = parseJsonWith(transferRequest, body, BODY);
      const { id: userId, email } = await transferDataset({ caller, dataset, to }, deps);
      return jsonResponse(200, { userId, email });
    }),
  ];
}

type OfDataset = (method: string, what: string, answer: Answer) => Route<RespondOnRoute>;

/** The field `input` of the settings: PUT has it replaced, PATCH some of its fields. */
const settingsRoutes = (ofDataset: OfDataset, deps: ApiDeps): Route<RespondOnRoute>[] => [
  ofDataset('GET', 'input/settings', async ({ settings }) => jsonResponse(200, settings.input)),
  ...['PUT', 'PATCH'].map((method) =>
    ofDataset(method, 'input/settings', async (dataset, { body }, caller) => {
      const fields = parseJsonWith(inputSettingsRequest, body, BODY);
      const change = { caller, dataset, fields, keepsOthers: method === 'PATCH' };
      return jsonResponse(200, await changeInputSettings(change, deps));
    }),
  ),
];

/** What is only started here: the stage `sync` does it. */
const pipelineRoutes = (ofDataset: OfDataset, deps: ApiDeps): Route<RespondOnRoute>[] => [
  ofDataset('POST', 'pause', async ({ id, pausedAt = deps.now() }) => {
    await deps.datasets.pause(id, pausedAt);
    return jsonResponse(200, { pausedAt });
  }),
  ofDataset('POST', 'resume', async ({ pausedAt: _, ...dataset }) => {
    await deps.datasets.resume(dataset.id);
    await goOn(dataset, deps);
    return jsonResponse(200, {});
  }),
  ofDataset('POST', 'sync', async ({ id: datasetId }, request) => {
    const options = parseJsonWith(syncRequest, bodyOf(request), BODY);
    const askedAt = deps.now();
    await deps.syncQueue.send({ datasetId, work: 'compare', askedAt, ...options });
    return jsonResponse(202, { id: idOfCompare(askedAt, options) });
  }),
  ofDataset('GET', 'syncs/{syncId}', async ({ id, pausedAt }, _request, _caller, { syncId = '' }) => {
    const asked = askedSync(syncId, await deps.syncs.get(id));
    return jsonResponse(200, { ...asked, ...(pausedAt !== undefined && { pausedAt }) });
  }),
  ofDataset('POST', 'replay', async ({ id: datasetId }, request) => {
    const { all: _, ...scope } = parseJsonWith(replayRequest, bodyOf(request), BODY);
    const id = newObjectId(deps.now());
    await deps.syncQueue.send({ datasetId, work: 'replay', id, scope });
    return jsonResponse(202, { id });
  }),
];

/** Tries the datasources now, as reconcile does every few minutes where there is a problem. */
async function verified(dataset: Dataset, deps: ApiDeps): Promise<VerifyAnswer> {
  const before = await deps.datasourceStates.get(dataset.id);
  const { verification, problems, hints } = await verifyAndNote(dataset, deps);
  const hadProblem = before?.problem;
  if (hadProblem && problems.every(({ use }) => use !== hadProblem.use)) await goOn(dataset, deps);
  const stored = await deps.datasources.get(dataset.id);
  const missing = missingStatements([...problems, ...hints], (use) => datasourceOf(dataset, stored, use), {
    accountId: deps.deployment.accountId,
    objectTags: dataset.settings.input.objectTags,
  });
  const told = (found: readonly FoundProblem[]) => found.map((problem) => toldProblem(problem, verification));
  return { ...verification, problems: told(problems), hints: told(hints), missing: [...missing] };
}

/** Of the datasource that the query describes, or that the dataset has. @throws InvalidInputError where no role could be assumed */
async function delegatedAccess(
  dataset: Dataset,
  query: URLSearchParams,
  deps: Pick<ApiDeps, 'datasources' | 'externalIds' | 'deployment'>,
): Promise<DelegatedAccessAnswer> {
  const { accountId, eventBusArn, ingestQueueArn } = deps.deployment;
  const externalId = await deps.externalIds.of(dataset.id);
  const { config } = datasourceOf(dataset, await deps.datasources.get(dataset.id), 'INPUT');
  const request = roleRequestOf(query, config, dataset.settings.input);
  const own = partsOfArn(eventBusArn).region;
  const region = request ? s3ResourcesOf(request.place, request.region).region : own;
  const refusal = otherPartition(partitionOf(own), [
    { what: `the region ${region}`, partition: partitionOf(region) },
  ]);
  if (refusal !== undefined) throw new InvalidInputError(refusal);
  const trust = trustStatement({ region, accountId, externalId });

  return {
    ...{ accountId, externalId, eventBusArn, ingestQueueArn, principal: trust.Principal?.AWS ?? accountId },
    statements: request ? [...rolePolicy(request)] : [],
  };
}

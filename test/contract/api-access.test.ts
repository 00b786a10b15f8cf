import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type OperationId,
  PROTOCOL_OPERATIONS,
  type ProtocolOperation,
} from '#contracts/protocol/operations';
import type { ApiErrorResponse } from '#contracts/protocol/types.gen';
import { issueToken } from '#platform/access/tokens';
import { answerRequests } from '#runtime/http-stage';
import { respondToApi } from '../../functions/api/respond-to-api.ts';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { captureOutput } from '../support/captured-output.ts';
import { contractFuzzers } from '../support/contract-fuzzer.ts';
import { newId } from '../support/documents.ts';
import { functionUrlEvent, lambdaContext } from '../support/lambda-invocation.ts';
import { type Ids, resourcesOf } from '../support/owned-resources.ts';

let world: ApiWorld;
let owner: Awaited<ReturnType<ApiWorld['addUser']>>;
let stranger: Awaited<ReturnType<ApiWorld['addUser']>>;
/** What the owner has: an id for each parameter that a path of the protocol may have. */
let owned: Ids;
/** A dataset and a run of the stranger's own. */
let own: Ids;
beforeAll(async () => {
  world = await startApiWorld();
  owner = await world.addUser('owner@example.com');
  stranger = await world.addUser('stranger@example.com');
  owned = await resourcesOf(world, owner, 'owned');
  own = await resourcesOf(world, stranger, 'own');
}, 30_000);
afterAll(() => world.stop());

interface Sent {
  readonly status: number;
  readonly text: string;
  readonly logged: string;
}

/** Sends what the contract allows, with these ids in its path. */
async function send(operation: ProtocolOperation, ids: Ids, token: string | undefined): Promise<Sent> {
  const fuzzer = contractFuzzers().find((each) => each.operation.id === operation.id);
  const { query, body, path } = fuzzer!.valid(7, ids);
  const search = new URLSearchParams(query.map(([name, value]): [string, string] => [name, value]));
  if (token !== undefined) search.set('token', token);
  const filled = operation.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(path[name] ?? ''));
  const request = { method: operation.method, ...(body !== undefined && { body }) };
  const { result, text: logged } = await captureOutput(() =>
    world.answer(functionUrlEvent(filled, search, request), lambdaContext()),
  );
  const bytes = typeof result.body === 'string' ? result.body : String(await buffer(result.body));
  return { status: result.statusCode, text: bytes, logged };
}
const codeOf = ({ text }: Sent) => (JSON.parse(text) as ApiErrorResponse).code;

const all = Object.values(PROTOCOL_OPERATIONS);
const parametersOf = ({ path }: ProtocolOperation) =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
const rows = (operations: readonly ProtocolOperation[]) =>
  operations.map((operation) => [operation.id, operation] as const);
const within = (...names: string[]) =>
  all.filter((each) => parametersOf(each).some((name) => names.includes(name)));

/** Any member may see who else is one. */
const OF_EVERY_MEMBER: readonly OperationId[] = ['get_team_by_id', 'get_team_members_by_id'];

describe('without a token', () => {
  test.each(rows(all.filter(({ security }) => security !== 'none')))(
    '%s is refused',
    async (_id, operation) => {
      const sent = await send(operation, owned, undefined);
      expect({ status: sent.status, code: codeOf(sent) }).toEqual({ status: 401, code: 'UNAUTHORIZED' });
    },
  );

  test('only the versions of the client are told', () => {
    expect(all.filter(({ security }) => security === 'none').map(({ id }) => id)).toEqual([
      'get_latest_pip_version',
      'get_minimum_compatible_pip_version',
    ]);
  });
});

describe('with the token of a member who has nothing to do with it', () => {
  test('the walk goes through all 140 operations', () => {
    expect(all).toHaveLength(140);
  });

  test.each(rows(within('datasetId', 'runId')))(
    '%s is refused on a dataset or run',
    async (_id, operation) => {
      const sent = await send(operation, owned, stranger.token);
      expect({ status: sent.status, code: codeOf(sent) }).toEqual({ status: 403, code: 'FORBIDDEN' });
      expect(sent.logged).not.toContain(stranger.token);
    },
  );

  test.each(rows(within('jobId', 'scheduledId', 'configId', 'workerId')))(
    '%s is refused on what has an id of its own',
    async (_id, operation) => {
      const sent = await send(operation, owned, stranger.token);
      expect([403, 404]).toContain(sent.status);
    },
  );

  test.each(rows(within('teamId').filter(({ id }) => !OF_EVERY_MEMBER.includes(id))))(
    '%s is refused in the team',
    async (_id, operation) => {
      const ids = { ...owned, serviceAccountId: newId() };
      const sent = await send(operation, ids, stranger.token);
      expect({ status: sent.status, code: codeOf(sent) }).toEqual({ status: 403, code: 'FORBIDDEN' });
    },
  );

  const named = new Set(
    within('datasetId', 'runId', 'jobId', 'scheduledId', 'configId', 'workerId', 'teamId'),
  );
  test.each(rows(all.filter((each) => !named.has(each))))(
    '%s, which names nothing of somebody, shows nothing of somebody',
    async (_id, operation) => {
      const sent = await send(operation, { ...owned, datasetName: 'owned' }, stranger.token);
      expect(sent.status).toBeLessThan(500);
      const { teamId: _, ...others } = owned;
      for (const id of Object.values(others)) expect(sent.text).not.toContain(id);
      expect(sent.logged).not.toContain(stranger.token);
    },
  );

  test('what a body or query names is refused as well', async () => {
    const { token } = stranger;
    const { datasetId = '', configId = '' } = owned;
    const body = { name: 'child of owned', parentDatasetId: datasetId };
    const refusals = [
      await world.refused('create_dataset', { body, token }),
      await world.refused('get_datasets_enriched_query_by_ids', {
        query: { datasetIds: [datasetId] },
        token,
      }),
      await world.refused('create_docker_run', { body: { dockerVersion: '3.0.0', datasetId }, token }),
      await world.refused('create_docker_run_scheduled_by_dataset_id', {
        ...{ path: { datasetId: own.datasetId }, token, body: { configId, priority: 'MID', runsOn: [] } },
      }),
    ];
    expect(refusals.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
  });
});

describe('inside a dataset of one’s own', () => {
  const OF_A_DATASET = [
    'sampleId',
    'tagId',
    'embeddingId',
    'accessConfigId',
    'configurationId',
    'scheduledId',
  ];
  const inner = within('datasetId').filter((each) =>
    parametersOf(each).some((name) => OF_A_DATASET.includes(name)),
  );

  test.each(rows(inner))('%s does not reach into another dataset', async (_id, operation) => {
    const ids = { ...owned, datasetId: own.datasetId ?? '', workerId: own.workerId ?? '' };
    const sent = await send(operation, ids, stranger.token);
    expect({ status: sent.status, text: sent.text }).toEqual({ status: 404, text: expect.any(String) });
  });
});

describe('what does not exist', () => {
  test.each(rows(within('datasetId')))('%s does not find an unknown dataset', async (_id, operation) => {
    const sent = await send(operation, { ...owned, datasetId: newId() }, owner.token);
    expect({ status: sent.status, code: codeOf(sent) }).toEqual({ status: 404, code: 'DATASET_UNKNOWN' });
  });

  test.each(rows(within('runId').filter((each) => !parametersOf(each).includes('datasetId'))))(
    '%s does not find an unknown run',
    async (_id, operation) => {
      const sent = await send(operation, { ...owned, runId: newId() }, owner.token);
      expect({ status: sent.status, code: codeOf(sent) }).toEqual({
        status: 404,
        code: 'DOCKER_RUN_UNKNOWN',
      });
    },
  );
});

describe('a token', () => {
  const profile = async (token: string, as: 'query' | 'header') => {
    const headers = as === 'header' ? { authorization: `Bearer ${token}` } : {};
    const event = functionUrlEvent('/v1/datasets', as === 'query' ? { token } : {}, { headers });
    const { result, text } = await captureOutput(() => world.answer(event, lambdaContext()));
    expect(text).not.toContain(token);
    return result.statusCode;
  };

  test.each(['query', 'header'] as const)('works in the %s, until it expires or is revoked', async (as) => {
    const { tokens } = world.deps;
    const issue = (expiresInDays: number, now = Date.now()) =>
      issueToken({ userId: owner.user.id, name: 'walk', expiresInDays }, { tokens, now: () => now });
    const { token, stored } = await issue(1);
    const expired = await issue(1, Date.now() - 2 * 24 * 60 * 60 * 1000);
    expect(await profile(token, as)).toBe(200);
    expect(await profile(expired.token, as)).toBe(401);
    await tokens.revoke(stored, Date.now());
    expect(await profile(token, as)).toBe(401);
  });

  test('is not logged where the request fails either', async () => {
    const listOwned = () => {
      throw new Error('The world is at fault.');
    };
    const failing = respondToApi({ ...world.deps, datasets: { ...world.deps.datasets, listOwned } });
    const event = functionUrlEvent('/v1/datasets', { token: stranger.token });
    const { result, text } = await captureOutput(() =>
      answerRequests('api', failing)(event, lambdaContext()),
    );
    expect(result.statusCode).toBe(500);
    expect(text).toContain('The world is at fault.');
    expect(text).not.toContain(stranger.token);
  });
});

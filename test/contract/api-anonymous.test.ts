import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ANONYMOUS, TEAM_ID } from '#contracts/access';
import { type OperationId, PROTOCOL_OPERATIONS, type Security } from '#contracts/protocol/operations';
import { publicObjectOf } from '#platform/access/public-object';
import { usableDataset } from '#platform/access/usable-dataset';
import { authorize } from '../../functions/api/authorize.ts';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { captureOutput } from '../support/captured-output.ts';
import { contractFuzzers } from '../support/contract-fuzzer.ts';
import { functionUrlEvent, lambdaContext } from '../support/lambda-invocation.ts';
import { type Ids, resourcesOf } from '../support/owned-resources.ts';

let world: ApiWorld;
/** Of a member who has shared the dataset with the whole team. */
let owned: Ids;
beforeAll(async () => {
  world = await startApiWorld();
  const owner = await world.addUser('owner@example.com');
  owned = await resourcesOf(world, owner, 'owned');
  await world.call('create_or_update_shared_access_config_by_dataset_id', {
    path: { datasetId: owned.datasetId ?? '' },
    body: { accessType: 'WRITE', teams: [TEAM_ID] },
    token: owner.token,
  });
}, 30_000);
afterAll(() => world.stop());

const OF_EVERYBODY: readonly OperationId[] = ['get_latest_pip_version', 'get_minimum_compatible_pip_version'];
const OF_PUBLIC_TOKENS: readonly OperationId[] = [
  'get_resource_read_url_redirect',
  'get_sample_image_resource_redirect_by_id',
];

/** Operations that do not ask for a token where the request has none, and a public token for what it names or nothing. */
async function reachable(isPublicTokenSent: boolean): Promise<string[]> {
  const reached: string[] = [];
  for (const { operation, valid } of contractFuzzers()) {
    const { query, body, path } = valid(7, owned);
    const search = new URLSearchParams(query.map(([name, value]): [string, string] => [name, value]));
    if (isPublicTokenSent) {
      const object = { datasetId: owned.datasetId ?? '', object: publicObjectOf(path, search).object };
      search.set('publicToken', await world.deps.publicTokens.sign(object, Date.now() + 60_000));
    }
    const filled = operation.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(path[name] ?? ''));
    const request = { method: operation.method, ...(body !== undefined && { body }) };
    const { result } = await captureOutput(() =>
      world.answer(functionUrlEvent(filled, search, request), lambdaContext()),
    );
    if (result.statusCode !== 401) reached.push(operation.id);
  }
  return reached.sort();
}

test('without a token, the versions of the client are told and nothing else', async () => {
  expect(await reachable(false)).toEqual([...OF_EVERYBODY].sort());
});

test('with a public token, the image or file that it is for can be read as well', async () => {
  expect(await reachable(true)).toEqual([...OF_EVERYBODY, ...OF_PUBLIC_TOKENS].sort());
});

test('whoever is let in without a token is authorized for no other operation', async () => {
  const authorized = async (checked: Security): Promise<string[]> => {
    const ids: string[] = [];
    for (const operation of Object.values(PROTOCOL_OPERATIONS)) {
      const admitted = { caller: ANONYMOUS, checked };
      const found = await authorize(operation, admitted, owned, world.deps).catch(() => undefined);
      if (found) ids.push(operation.id);
    }
    return ids.sort();
  };
  expect(await authorized('none')).toEqual([...OF_EVERYBODY].sort());
  expect(await authorized('token')).toEqual([...OF_EVERYBODY].sort());
  expect(await authorized('publicToken')).toEqual([...OF_EVERYBODY, ...OF_PUBLIC_TOKENS].sort());
});

test('a dataset that is shared with the whole team is not shared with whoever has no token', async () => {
  const member = await world.addUser('member@example.com');
  const { datasetId = '' } = owned;
  expect((await usableDataset(member.user, datasetId, world.deps)).id).toBe(datasetId);
  await expect(usableDataset(ANONYMOUS, datasetId, world.deps)).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

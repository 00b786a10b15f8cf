import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { datasetStore } from '#aws/dataset-store';
import { answerRequests } from '#runtime/http-stage';
import { respondToApi } from '../../functions/api/respond-to-api.ts';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { captureOutput } from '../support/captured-output.ts';
import { functionUrlEvent, lambdaContext } from '../support/lambda-invocation.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await startApiWorld();
});
afterAll(() => world.stop());

async function get(path: string, query: Record<string, string> = {}, deps = world.deps) {
  const answer = answerRequests('api', respondToApi(deps));
  const { result, text } = await captureOutput(() => answer(functionUrlEvent(path, query), lambdaContext()));
  return { status: result.statusCode, body: JSON.parse(String(result.body)), logged: text };
}

describe('the API', () => {
  test('answers the version handshake with bare strings', async () => {
    const latest = await world.call('get_latest_pip_version', { query: { currentVersion: '1.5.20' } });
    expect(latest).toBe('1.5.26');
    expect(await world.call('get_minimum_compatible_pip_version', {})).toBe('1.5.0');
  });

  test('takes the URL of the output, which ends in a slash, with a path that begins with one', async () => {
    expect(await get('//v1/versions/pip/latest')).toMatchObject({ status: 200, body: '1.5.26' });
  });

  test('is healthy while its table answers', async () => {
    expect(await get('/winnow/v1/health')).toMatchObject({
      status: 200,
      body: { status: 'ok', version: expect.stringMatching(/^\d+\.\d+\.\d+$/), checks: { table: 'ok' } },
    });
  });

  test('says what is not healthy, and not why', async () => {
    const missing = datasetStore({ ...world.table, name: 'no-such-table' });
    const { status, body } = await get('/winnow/v1/health', {}, { ...world.deps, datasets: missing });
    expect(status).toBe(503);
    expect(body).toEqual({ status: 'failed', version: expect.anything(), checks: { table: 'failed' } });
  });

  test('answers an unknown route as the protocol does, and logs no token', async () => {
    const { status, body, logged } = await get('/v1/nothing/here', { token: 'hush-hush' });
    expect(status).toBe(404);
    expect(body).toEqual({
      code: 'NOT_FOUND',
      error: expect.stringContaining('/v1/nothing/here'),
      requestId: 'request-1',
    });
    expect(logged).toContain('/v1/nothing/here');
    expect(logged).not.toContain('hush-hush');
  });
});

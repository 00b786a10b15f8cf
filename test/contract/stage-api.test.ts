import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { datasetStore } from '#aws/dataset-store';
import { httpStage } from '#runtime/http-stage';
import { apiRoutes } from '../../functions/api/api-routes.ts';
import type { HealthChecks } from '../../functions/api/report-health.ts';
import { respondByRoute } from '../../functions/api/routes.ts';
import { startTableServer, type TableServer } from '../support/aws-servers.ts';
import { captureOutput } from '../support/captured-output.ts';
import { functionUrlEvent, lambdaContext } from '../support/lambda-invocation.ts';

let server: TableServer;
beforeAll(async () => {
  server = await startTableServer();
});
afterAll(() => server.stop());

async function get(
  path: string,
  query: Record<string, string> = {},
  healthChecks: HealthChecks = tableCheck(),
) {
  const handler = httpStage('api', respondByRoute(apiRoutes({ version: '1.2.3', healthChecks })));
  const { result, text } = await captureOutput(() => handler(functionUrlEvent(path, query), lambdaContext()));
  return { status: result.statusCode, body: JSON.parse(result.body ?? ''), logged: text };
}
const tableCheck = (): HealthChecks => ({ table: () => datasetStore(server.table).get('0'.repeat(24)) });

describe('the API', () => {
  test('answers the version handshake with bare strings', async () => {
    expect(await get('/v1/versions/pip/latest', { currentVersion: '1.5.20' })).toMatchObject({
      status: 200,
      body: '1.5.24',
    });
    expect(await get('/v1/versions/pip/minimum')).toMatchObject({ status: 200, body: '1.5.0' });
  });

  test('takes the URL of the output, which ends in a slash, with a path that begins with one', async () => {
    expect(await get('//v1/versions/pip/latest')).toMatchObject({ status: 200, body: '1.5.24' });
  });

  test('is healthy while its table answers', async () => {
    expect(await get('/winnow/v1/health')).toMatchObject({
      status: 200,
      body: { status: 'ok', version: '1.2.3', checks: { table: 'ok' } },
    });
  });

  test('says what is not healthy, and not why', async () => {
    const missing = datasetStore({ ...server.table, name: 'no-such-table' });
    const { status, body } = await get('/winnow/v1/health', {}, { table: () => missing.get('0'.repeat(24)) });
    expect(status).toBe(503);
    expect(body).toEqual({ status: 'failed', version: '1.2.3', checks: { table: 'failed' } });
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

import { describe, expect, test } from '@jest/globals';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { ConflictError, InvalidInputError, NotFoundError, RetryableError } from '#contracts/errors';
import { type HttpRequest, type HttpResponse, httpStage } from '#runtime/http-stage';
import { captureOutput, publishedMetric } from '../support/captured-output.ts';
import { functionUrlEvent, lambdaContext } from '../support/lambda-invocation.ts';

const answer = (respond: (request: HttpRequest) => Promise<HttpResponse>, event?: APIGatewayProxyEventV2) =>
  captureOutput(() => httpStage('api', respond)(event ?? functionUrlEvent('/v1/datasets'), lambdaContext()));

describe('httpStage', () => {
  test('a bare string is answered as JSON', async () => {
    const { result } = await answer(async () => ({ status: 200, body: '1.5.24' }));
    expect(result).toMatchObject({ statusCode: 200, body: '"1.5.24"' });
    expect(result.headers).toEqual({ 'content-type': 'application/json' });
  });

  test.each([
    [new InvalidInputError('name: too short'), 400, 'BAD_REQUEST', 'name: too short'],
    [new NotFoundError('dataset', 'cats'), 404, 'NOT_FOUND', "There is no dataset 'cats'."],
    [new ConflictError('changed meanwhile'), 409, 'CONFLICT', 'changed meanwhile'],
    [
      new RetryableError('THROTTLED', 'table winnow-prod'),
      503,
      'MALFORMED_RESPONSE',
      expect.not.stringContaining('winnow-prod'),
    ],
    [new TypeError('x of undefined'), 500, 'MALFORMED_RESPONSE', expect.not.stringContaining('undefined')],
  ])('%p becomes %i %s', async (error, status, code, message) => {
    const { result } = await answer(() => Promise.reject(error));
    expect(result.statusCode).toBe(status);
    expect(JSON.parse(result.body ?? '')).toEqual({ code, error: message, requestId: 'request-1' });
  });

  test('neither the token nor the rest of the query string is logged', async () => {
    const event = functionUrlEvent('/v1/datasets', { token: 'hush-hush', name: 'private' });
    const failing = await answer(() => Promise.reject(new Error('broken')), event);
    const answered = await answer(async () => ({ status: 200, body: {} }), event);
    for (const { text } of [failing, answered]) {
      expect(text).toContain('/v1/datasets');
      expect(text).not.toContain('hush-hush');
      expect(text).not.toContain('private');
    }
  });

  test('counts what was refused apart from what failed', async () => {
    const { entries } = await answer(() => Promise.reject(new NotFoundError('route', '/x')));
    expect(publishedMetric(entries, 'RequestsRefused').values).toEqual([1]);
    expect(publishedMetric(entries, 'RequestsFailed').values).toEqual([0]);
  });
});

import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { ConflictError, InvalidInputError, NotFoundError, RetryableError } from '#contracts/errors';
import { type HttpRequest, type HttpResponse, httpStage, jsonResponse } from '#runtime/http-stage';
import { captureOutput, publishedMetric } from '../support/captured-output.ts';
import { functionUrlEvent, lambdaContext } from '../support/lambda-invocation.ts';
import { streamedAnswer } from '../support/streamed-answer.ts';

const answer = (respond: (request: HttpRequest) => Promise<HttpResponse>, event?: APIGatewayProxyEventV2) =>
  captureOutput(() =>
    streamedAnswer(
      () => httpStage('api', respond),
      event ?? functionUrlEvent('/v1/datasets'),
      lambdaContext(),
    ),
  );

describe('httpStage', () => {
  test('a bare string is answered as JSON', async () => {
    const { result } = await answer(async () => jsonResponse(200, '1.5.26'));
    expect(result).toMatchObject({ statusCode: 200, body: '"1.5.26"' });
    expect(result.headers).toEqual({ 'content-type': 'application/json', 'x-request-id': 'request-1' });
  });

  test.each([
    [new InvalidInputError('name: too short'), 400, 'BAD_REQUEST', 'name: too short'],
    [new NotFoundError('dataset', 'cats'), 404, 'DATASET_UNKNOWN', "There is no dataset 'cats'."],
    [new NotFoundError('route', 'GET /x'), 404, 'NOT_FOUND', "There is no route 'GET /x'."],
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
    expect(JSON.parse(result.body)).toEqual({ code, error: message, requestId: 'request-1' });
  });

  test('neither the token nor the rest of the query string is logged', async () => {
    const event = functionUrlEvent('/v1/datasets', { token: 'hush-hush', name: 'private' });
    const failing = await answer(() => Promise.reject(new Error('broken')), event);
    const answered = await answer(async () => jsonResponse(200, {}), event);
    for (const { text } of [failing, answered]) {
      expect(text).toContain('/v1/datasets');
      expect(text).not.toContain('hush-hush');
      expect(text).not.toContain('private');
    }
  });

  test('a stream is sent part by part, and what makes it fail is in the log', async () => {
    const parts = async function* () {
      yield 'first ';
      yield 'second';
    };
    const { result } = await answer(async () => ({ status: 200, body: Readable.from(parts()) }));
    expect(result).toMatchObject({ statusCode: 200, body: 'first second' });

    const broken = async function* () {
      yield 'first ';
      throw new Error('the table is gone');
    };
    const cut = () => answer(async () => ({ status: 200, body: Readable.from(broken()) }));
    await expect(cut()).rejects.toThrow('the table is gone');
  });

  test('takes a token from the query or the header, and hands it over apart', async () => {
    const seen: HttpRequest[] = [];
    const respond = async (request: HttpRequest) => {
      seen.push(request);
      return jsonResponse(200, {});
    };
    await answer(respond, functionUrlEvent('/v1/datasets', { token: 'of-query', shared: 'true' }));
    const headers = { authorization: 'Bearer of-header' };
    await answer(respond, functionUrlEvent('/v1/datasets', { publicToken: 'of-object' }, { headers }));
    expect(seen.map(({ credentials }) => credentials)).toEqual([
      { token: 'of-query' },
      { token: 'of-header', publicToken: 'of-object' },
    ]);
    expect(seen.map(({ query }) => query.toString())).toEqual(['shared=true', '']);
  });

  test('a token that somebody took for an id is not logged either', async () => {
    const event = functionUrlEvent('/winnow/v1/tokens/wnw_abc-DEF_123');
    const refused = await answer(() => Promise.reject(new NotFoundError('token', 'wnw_abc-DEF_123')), event);
    expect(refused.text).toContain('/winnow/v1/tokens/wnw_…');
    expect(refused.text).not.toContain('abc-DEF_123');
  });

  test('a body of more than 6 MiB is refused as the protocol does', async () => {
    const event = functionUrlEvent('/v1/datasets', {}, { method: 'POST', body: 'x'.repeat(6 * 2 ** 20 + 1) });
    const { result } = await answer(async () => jsonResponse(200, {}), event);
    expect(result.statusCode).toBe(413);
    expect(JSON.parse(result.body)).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });

  test('counts what was refused apart from what failed', async () => {
    const { entries } = await answer(() => Promise.reject(new NotFoundError('route', '/x')));
    expect(publishedMetric(entries, 'RequestsRefused').values).toEqual([1]);
    expect(publishedMetric(entries, 'RequestsFailed').values).toEqual([0]);
  });
});

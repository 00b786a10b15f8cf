import { describe, expect, test } from '@jest/globals';
import { CommanderError } from 'commander';
import { ConflictError, InvalidInputError, NotFoundError, WinnowError } from '#contracts/errors';
import { IncompleteError, RunFailedError } from '../../cli/exit-codes.ts';
import { endingOf } from '../../cli/explain-error.ts';
import { InterruptedError } from '../../cli/interruption.ts';
import {
  ApiError,
  ArtifactNotExistError,
  ConnectionError,
  InvalidArgumentError,
  MaxRetryError,
  TagDoesNotExistError,
} from '../../client/index.ts';

const api = (status: number): ApiError =>
  new ApiError('get_datasets', status, { error: 'No. Do this.', requestId: 'r-1' });
const fileError = (code: string): Error =>
  Object.assign(new Error(code), { code, syscall: 'open', path: 'x' });

describe('the exit code', () => {
  test.each([
    [2, new CommanderError(1, 'commander.unknownOption', 'x')],
    [0, new CommanderError(0, 'commander.helpDisplayed', 'x')],
    [1, new WinnowError('DEMO_FAILED', 'x')],
    [1, new IncompleteError('x')],
    [2, new InvalidInputError('x')],
    [3, new NotFoundError('dataset', 'x')],
    [5, new ConflictError('x')],
    [6, new RunFailedError('x')],
    [130, new InterruptedError()],
    [2, api(400)],
    [4, api(401)],
    [4, api(403)],
    [3, api(404)],
    [5, api(409)],
    [1, api(500)],
    [5, new MaxRetryError(3, api(409))],
    [1, new MaxRetryError(3, new ConnectionError('x'))],
    [2, new InvalidArgumentError('x')],
    [3, new TagDoesNotExistError('x')],
    [3, new ArtifactNotExistError('x')],
    [2, fileError('ENOENT')],
    [1, fileError('ENOSPC')],
    [1, new TypeError('a mistake of ours')],
  ])('is %i for %s', (exitCode, error) => {
    expect(endingOf(error).exitCode).toBe(exitCode);
  });
});

test('an answer of the API is told in its own words, with the id of the request', () => {
  expect(endingOf(api(409))).toMatchObject({ message: 'No. Do this. (request r-1)', isUnexpected: false });
});

test('only mistakes of the program itself are unexpected', () => {
  expect(endingOf(new TypeError('x')).isUnexpected).toBe(true);
  expect(endingOf(new InterruptedError())).toMatchObject({ message: undefined, isUnexpected: false });
});

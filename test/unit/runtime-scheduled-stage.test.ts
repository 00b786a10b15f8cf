import { describe, expect, test } from '@jest/globals';
import { scheduledStage } from '#runtime/scheduled-stage';
import { captureOutput, publishedMetric } from '../support/captured-output.ts';
import { lambdaContext } from '../support/lambda-invocation.ts';

describe('scheduledStage', () => {
  test('a round that ends well is counted, its failure as 0', async () => {
    const { entries } = await captureOutput(() =>
      scheduledStage('reconcile', async ({ remainingTimeMs }) => expect(remainingTimeMs()).toBe(5_000))(
        {},
        lambdaContext(5_000),
      ),
    );
    expect(publishedMetric(entries, 'RoundsSucceeded')).toEqual({
      values: [1],
      dimensions: [['stage=reconcile']],
    });
    expect(publishedMetric(entries, 'RoundsFailed').values).toEqual([0]);
  });

  test('what the work throws fails the invocation and is counted', async () => {
    const { result, entries } = await captureOutput(() =>
      scheduledStage('reconcile', () => Promise.reject(new Error('no table')))({}, lambdaContext()).catch(
        String,
      ),
    );
    expect(result).toBe('Error: no table');
    expect(publishedMetric(entries, 'RoundsFailed').values).toEqual([1]);
  });
});

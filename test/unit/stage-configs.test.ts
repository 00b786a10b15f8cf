import { describe, expect, test } from '@jest/globals';
import type { ZodType } from 'zod';
import { readConfig } from '#runtime/config';
import { apiConfig } from '../../functions/api/config.ts';
import { ingestConfig } from '../../functions/ingest/config.ts';
import { jobConfig } from '../../functions/job/config.ts';
import { reconcileConfig } from '../../functions/reconcile/config.ts';
import { scheduleConfig } from '../../functions/schedule/config.ts';
import { syncConfig } from '../../functions/sync/config.ts';

const environment = {
  TABLE_NAME: 'table',
  LANDING_BUCKET: 'landing',
  PLATFORM_BUCKET: 'platform',
  INGEST_QUEUE_URL: 'http://127.0.0.1/ingest',
  SCHEDULE_QUEUE_URL: 'http://127.0.0.1/schedule',
  RUN_QUEUE_URL: 'http://127.0.0.1/run',
  COMPLETE_QUEUE_URL: 'http://127.0.0.1/complete',
  JOB_QUEUE_URL: 'http://127.0.0.1/job',
  SYNC_QUEUE_URL: 'http://127.0.0.1/sync',
  ACCOUNT_ID: '111122223333',
  EVENT_BUS_ARN: 'arn:bus',
  INGEST_QUEUE_ARN: 'arn:ingest',
  TOKEN_SECRET_ARN: 'arn:token',
  PUBLIC_KEY_SECRET_ARN: 'arn:public-key',
};

describe.each([
  [
    'api',
    apiConfig,
    [
      'TABLE_NAME',
      'LANDING_BUCKET',
      'PLATFORM_BUCKET',
      'TOKEN_SECRET_ARN',
      'PUBLIC_KEY_SECRET_ARN',
      'RUN_QUEUE_URL',
      'JOB_QUEUE_URL',
      'SYNC_QUEUE_URL',
      'ACCOUNT_ID',
      'EVENT_BUS_ARN',
      'INGEST_QUEUE_ARN',
    ],
  ],
  ['sync', syncConfig, ['TABLE_NAME', 'PLATFORM_BUCKET', 'INGEST_QUEUE_URL', 'SYNC_QUEUE_URL']],
  ['job', jobConfig, ['TABLE_NAME', 'PLATFORM_BUCKET', 'JOB_QUEUE_URL']],
  [
    'ingest',
    ingestConfig,
    ['TABLE_NAME', 'LANDING_BUCKET', 'PLATFORM_BUCKET', 'SCHEDULE_QUEUE_URL', 'INGEST_QUEUE_URL'],
  ],
  ['schedule', scheduleConfig, ['TABLE_NAME', 'SCHEDULE_QUEUE_URL', 'RUN_QUEUE_URL']],
  [
    'reconcile',
    reconcileConfig,
    [
      'TABLE_NAME',
      'LANDING_BUCKET',
      'PLATFORM_BUCKET',
      'INGEST_QUEUE_URL',
      'SYNC_QUEUE_URL',
      'SCHEDULE_QUEUE_URL',
      'RUN_QUEUE_URL',
      'COMPLETE_QUEUE_URL',
      'JOB_QUEUE_URL',
    ],
  ],
])('the environment of %s', (_stage, config: ZodType<{ table: string }>, needed) => {
  test('needs these variables and no other', () => {
    const given = Object.entries(environment).filter(([name]) => needed.includes(name));
    expect(readConfig(config, Object.fromEntries(given))).toMatchObject({ table: 'table' });
  });

  test.each(needed)('names %s where it is missing', (name) => {
    expect(() => readConfig(config, { ...environment, [name]: undefined })).toThrow(`${name} is not set`);
  });
});

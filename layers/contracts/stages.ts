/** The stages in flow order. One name everywhere: folder, function, alarm, runbook heading, log field. */
export const STAGES = [
  'ingest',
  'sync',
  'schedule',
  'run',
  'shard',
  'complete',
  'export',
  'archive',
  'job',
  'reconcile',
  'api',
] as const;
export type Stage = (typeof STAGES)[number];

/** Stages that consume a queue of their own. */
export const QUEUE_STAGES = [
  'ingest',
  'sync',
  'schedule',
  'run',
  'shard',
  'complete',
  'export',
  'archive',
  'job',
] as const satisfies Stage[];
export type QueueStage = (typeof QUEUE_STAGES)[number];

/** Seconds that a message may be put off: a limit of SQS. */
export const LONGEST_DELAY_SECONDS = 900;

/** Metrics of all stages are in it, with the one dimension `stage`. */
export const METRICS_NAMESPACE = 'Winnow';

/** Environment variables by which infrastructure tells functions about resources. Read by `functions/<stage>/config.ts`. */
export const ENVIRONMENT = {
  stage: 'STAGE',
  table: 'TABLE_NAME',
  landingBucket: 'LANDING_BUCKET',
  platformBucket: 'PLATFORM_BUCKET',
  exportsBucket: 'EXPORTS_BUCKET',
  archiveBucket: 'ARCHIVE_BUCKET',
  tokenSecret: 'TOKEN_SECRET_ARN',
  publicKeySecret: 'PUBLIC_KEY_SECRET_ARN',
  apiUrl: 'API_URL',
  /** The account in which Winnow is, for others to trust. */
  accountId: 'ACCOUNT_ID',
  /** Where buckets of other accounts send their events to, and where those of this account may. */
  eventBusArn: 'EVENT_BUS_ARN',
  ingestQueueArn: 'INGEST_QUEUE_ARN',
  /** `allow` where datasources may be at private addresses; anything else refuses them. */
  privateEndpoints: 'PRIVATE_ENDPOINTS',
  queueUrl: {
    ingest: 'INGEST_QUEUE_URL',
    sync: 'SYNC_QUEUE_URL',
    schedule: 'SCHEDULE_QUEUE_URL',
    run: 'RUN_QUEUE_URL',
    shard: 'SHARD_QUEUE_URL',
    complete: 'COMPLETE_QUEUE_URL',
    export: 'EXPORT_QUEUE_URL',
    archive: 'ARCHIVE_QUEUE_URL',
    job: 'JOB_QUEUE_URL',
  } as const satisfies Record<QueueStage, string>,
} as const;

/** Keys of the stack's outputs. */
export const OUTPUTS = {
  landingBucket: 'LandingBucketName',
  platformBucket: 'PlatformBucketName',
  exportsBucket: 'ExportsBucketName',
  archiveBucket: 'ArchiveBucketName',
  table: 'TableName',
  apiUrl: 'ApiUrl',
  tokenSecretArn: 'TokenSecretArn',
  dashboardUrl: 'DashboardUrl',
  accountId: 'AccountId',
  eventBusArn: 'EventBusArn',
  ingestQueueArn: 'IngestQueueArn',
} as const;

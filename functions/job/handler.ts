import { jobStore } from '#aws/job-store';
import { openTable } from '#aws/table';
import { InvalidInputError } from '#contracts/errors';
import { jobMessage } from '#contracts/jobs';
import { parseJsonWith } from '#contracts/schema';
import { readConfig } from '#runtime/config';
import { observe } from '#runtime/observability';
import { sqsStage } from '#runtime/sqs-stage';
import { type CarryOutJobDeps, carryOutJob } from './carry-out-job.ts';
import { jobConfig } from './config.ts';

const config = readConfig(jobConfig);
const table = openTable(config.table);

const missing = async (): Promise<never> => {
  throw new InvalidInputError('Not there yet.');
};
const deps: CarryOutJobDeps = {
  jobs: jobStore(table),
  kinds: { DELETE_DATASET: missing, SAMPLING: missing, EMBEDDINGS2D: missing },
  telemetry: observe('job').telemetry,
  now: Date.now,
};

export const handler = sqsStage('job', (body) =>
  carryOutJob(parseJsonWith(jobMessage, body, 'Job message'), deps),
);

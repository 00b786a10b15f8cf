import { ADMINISTRATOR_ID } from '#contracts/access';
import type { Job } from '#contracts/jobs';
import { sampleTag } from '#platform/sampling/sample-tag';
import { select } from '#selection/select';
import { carryOutJob } from '../../functions/job/carry-out-job.ts';
import { drawEmbedding } from '../../functions/job/draw-embedding.ts';
import type { ApiWorld } from './api-world.ts';

/** Does the samplings and pictures that wait, as the job stage does, and returns how they ended. */
export async function carryOutJobs({ deps }: Pick<ApiWorld, 'deps'>): Promise<Job[]> {
  const done: Job[] = [];
  for await (const job of deps.jobs.listForUser(ADMINISTRATOR_ID)) {
    if (job.state !== 'WAITING') continue;
    await carryOutJob({ jobId: job.id }, () => false, {
      jobs: deps.jobs,
      kinds: {
        SAMPLING: (sampling) => sampleTag(sampling, { ...deps, select }),
        EMBEDDINGS2D: (picture) => drawEmbedding(picture, deps),
        DELETE_DATASET: async () => undefined,
      },
      telemetry: deps.telemetry,
      now: deps.now,
    });
    done.push((await deps.jobs.get(job.id)) as Job);
  }
  return done;
}

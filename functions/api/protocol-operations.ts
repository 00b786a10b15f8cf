import type { OperationId } from '#contracts/protocol/operations';
import type { ApiDeps } from './api-deps.ts';
import type { Operations } from './operation.ts';
import { collaborationOperations } from './operations/collaboration.ts';
import { datasetListsOperations } from './operations/dataset-lists.ts';
import { datasetsOperations } from './operations/datasets.ts';
import { datasourceFilesOperations } from './operations/datasource-files.ts';
import { datasourceListingsOperations } from './operations/datasource-listings.ts';
import { datasourcesOperations } from './operations/datasources.ts';
import { embeddingsOperations } from './operations/embeddings.ts';
import { embeddings2dOperations } from './operations/embeddings-2d.ts';
import { jobsOperations } from './operations/jobs.ts';
import { metadataConfigurationsOperations } from './operations/metadata-configurations.ts';
import { predictionsOperations } from './operations/predictions.ts';
import { runFilesOperations } from './operations/run-files.ts';
import { runsOperations } from './operations/runs.ts';
import { samplesOperations } from './operations/samples.ts';
import { samplingsOperations } from './operations/samplings.ts';
import { scheduledRunsOperations } from './operations/scheduled-runs.ts';
import { scoresOperations } from './operations/scores.ts';
import { serviceOperations } from './operations/service.ts';
import { tagExportsOperations } from './operations/tag-exports.ts';
import { tagsOperations } from './operations/tags.ts';
import { teamsOperations } from './operations/teams.ts';
import { workerConfigsOperations } from './operations/worker-configs.ts';
import { workerServiceOperations } from './operations/worker-service.ts';
import { workersOperations } from './operations/workers.ts';

/** Every operation of the protocol; one that is missing does not compile. */
export function protocolOperations(deps: ApiDeps): Operations<OperationId> {
  return {
    ...datasetsOperations(deps),
    ...datasetListsOperations(deps),
    ...metadataConfigurationsOperations(deps),
    ...collaborationOperations(deps),
    ...teamsOperations(deps),
    ...serviceOperations(),
    ...jobsOperations(deps),
    ...datasourcesOperations(deps),
    ...datasourceListingsOperations(deps),
    ...datasourceFilesOperations(deps),
    ...samplesOperations(deps),
    ...embeddingsOperations(deps),
    ...embeddings2dOperations(deps),
    ...samplingsOperations(deps),
    ...predictionsOperations(deps),
    ...scoresOperations(deps),
    ...tagsOperations(deps),
    ...tagExportsOperations(deps),
    ...workerConfigsOperations(deps),
    ...scheduledRunsOperations(deps),
    ...workersOperations(deps),
    ...workerServiceOperations(deps),
    ...runFilesOperations(deps),
    ...runsOperations(deps),
  };
}

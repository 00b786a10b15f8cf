import { appendToLog, readLog } from '#platform/runs/run-log';
import {
  announceArtifact,
  artifactReadUrl,
  confirmArtifact,
  reportReadUrl,
  reportWriteUrl,
} from '#platform/runs/uploaded-files';
import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';

type RunFilesOperation =
  | 'create_docker_run_artifact'
  | 'confirm_docker_run_artifact_creation'
  | 'get_docker_run_artifact_read_url_by_id'
  | 'create_docker_run_log_by_id'
  | 'get_docker_run_logs_by_id'
  | 'get_docker_run_report_read_url_by_id'
  | 'get_docker_run_report_write_url_by_id';

type RunFilesDeps = Pick<
  ApiDeps,
  'artifacts' | 'uploads' | 'runLogs' | 'objects' | 'readUrls' | 'writeUrls' | 'buckets' | 'now'
>;

export function runFilesOperations(deps: RunFilesDeps): Operations<RunFilesOperation> {
  return {
    create_docker_run_artifact: async ({ run, body }) => announceArtifact(run, body, deps),
    confirm_docker_run_artifact_creation: async ({ run, path }) => {
      await confirmArtifact(run, path.artifactId, deps);
    },
    get_docker_run_artifact_read_url_by_id: async ({ run, path }) =>
      artifactReadUrl(run, path.artifactId, deps),
    create_docker_run_log_by_id: async ({ run, body }) => {
      await appendToLog(run, body, deps);
    },
    get_docker_run_logs_by_id: async ({ run, query }) => {
      const { cursor, logs } = await readLog(run, query.cursor ?? 0, deps);
      return { cursor, logs: [...logs] };
    },
    get_docker_run_report_read_url_by_id: async ({ run }) => reportReadUrl(run, deps),
    get_docker_run_report_write_url_by_id: async ({ run }) => reportWriteUrl(run, deps),
  };
}

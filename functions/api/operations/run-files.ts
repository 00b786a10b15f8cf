import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';
import { missing } from './missing.ts';

type RunFilesOperation =
  | 'create_docker_run_artifact'
  | 'confirm_docker_run_artifact_creation'
  | 'get_docker_run_artifact_read_url_by_id'
  | 'create_docker_run_log_by_id'
  | 'get_docker_run_logs_by_id'
  | 'get_docker_run_report_read_url_by_id'
  | 'get_docker_run_report_write_url_by_id';

export function runFilesOperations(_deps: ApiDeps): Operations<RunFilesOperation> {
  return {
    create_docker_run_artifact: missing,
    confirm_docker_run_artifact_creation: missing,
    get_docker_run_artifact_read_url_by_id: missing,
    create_docker_run_log_by_id: missing,
    get_docker_run_logs_by_id: missing,
    get_docker_run_report_read_url_by_id: missing,
    get_docker_run_report_write_url_by_id: missing,
  };
}

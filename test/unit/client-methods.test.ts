import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { ApiWorkflowClient } from '../../client/index.ts';

/** The public methods and properties of the Python client, version 1.5.23. */
const PYTHON = `
  append_embeddings compute_worker_run_info_generator create_compute_worker_config create_custom_metadata_config
  create_dataset create_new_dataset_with_unique_name create_or_update_prediction create_or_update_prediction_task_schema
  create_tag_from_filenames dataset_exists dataset_id dataset_name_exists dataset_type delete_compute_worker
  delete_dataset_by_id delete_tag_by_id delete_tag_by_name download_compute_worker_run_artifacts
  download_compute_worker_run_checkpoint download_compute_worker_run_corruptness_check_information
  download_compute_worker_run_log download_compute_worker_run_memory_log download_compute_worker_run_report_json
  download_compute_worker_run_report_pdf download_compute_worker_run_report_v2_json
  download_compute_worker_run_sequence_information download_dataset download_embeddings_csv download_embeddings_csv_by_id
  download_new_raw_samples download_raw_metadata download_raw_metadata_iter download_raw_predictions
  download_raw_predictions_iter download_raw_samples export_filenames_and_read_urls_by_tag_id
  export_filenames_and_read_urls_by_tag_name export_filenames_by_tag_id export_filenames_by_tag_name
  export_label_box_data_rows_by_tag_id export_label_box_data_rows_by_tag_name export_label_box_v4_data_rows_by_tag_id
  export_label_box_v4_data_rows_by_tag_name export_label_studio_tasks_by_tag_id export_label_studio_tasks_by_tag_name
  get_all_datasets get_all_embedding_data get_all_tags get_compute_worker_ids get_compute_worker_run
  get_compute_worker_run_checkpoint_url get_compute_worker_run_from_scheduled_run get_compute_worker_run_info
  get_compute_worker_run_tags get_compute_worker_runs get_compute_worker_runs_iter get_compute_workers
  get_custom_embedding_read_url get_dataset_by_id get_datasets get_datasets_by_name get_datasets_iter get_datasource
  get_embedding_by_name get_embedding_data_by_name get_filenames get_filenames_in_tag get_metadata_read_url
  get_prediction_read_url get_processed_until_timestamp get_scheduled_compute_worker_runs get_shared_users get_tag_by_id
  get_tag_by_name index_custom_metadata_by_filename list_datasource_permissions register_compute_worker
  schedule_compute_worker_run selection set_azure_config set_dataset_id_by_name set_embedding_id_to_latest set_gcs_config
  set_local_config set_obs_config set_s3_config set_s3_delegated_access_config share_dataset_only_with
  update_processed_until_timestamp upload_custom_metadata upload_embeddings upload_file_with_signed_url upload_scores
  verify_custom_metadata_format
`
  .trim()
  .split(/\s+/);

const guide = readFileSync(new URL('../../docs/client.md', import.meta.url), 'utf8');
const [, table = ''] = guide.split('## From Python');
const rows = table
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .map((line) => line.split('|').slice(1, 3) as [string, string])
  .map(([python, typescript]) => ({ python, methods: typescript.match(/(?<=`)\w+(?=`)/g) ?? [] }));

test('the guide has every method of the Python client', () => {
  const documented = rows.flatMap(({ python }) => python.match(/(?<=`)\w+(?=`)/g) ?? []);
  expect(PYTHON.filter((name) => !documented.includes(name))).toEqual([]);
});

test('every method that the guide names is there, and every one that is there is named', () => {
  const named = rows.flatMap(({ methods }) => methods);
  const members = Object.getOwnPropertyNames(ApiWorkflowClient.prototype);
  expect(named.filter((name) => !members.includes(name))).toEqual([]);
  const properties = ['constructor', 'datasetId', 'embeddingId'];
  expect(members.filter((name) => !named.includes(name) && !properties.includes(name))).toEqual([]);
});

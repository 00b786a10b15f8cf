/** The workflow client of Winnow's API: `import { ApiWorkflowClient } from 'winnow/client'`. */
export { ApiWorkflowClient } from './api-workflow-client.ts';
export { BitMask } from './bit-mask.ts';
export type { RunSchedule, RunsOf, WorkerRegistration } from './compute-worker.ts';
export type { DownloadOptions, DownloadResult } from './dataset-downloads.ts';
export type { NewDataset, WhoseDatasets } from './datasets.ts';
export type { InputSettings, InputSettingsChange } from './datasource-input.ts';
export type { RawFile, RawFileListing, RawSampleListing } from './datasource-listings.ts';
export type { AskedSync, DatasourceStatus, ReplayOptions, SyncOptions } from './datasource-work.ts';
export type {
  AzureConfig,
  DatasourceOptions,
  GcsConfig,
  LocalConfig,
  ObsConfig,
  S3Config,
  S3DelegatedAccessConfig,
} from './datasources.ts';
export {
  ApiError,
  ApiWorkflowError,
  ArtifactNotExistError,
  ConnectionError,
  DatasetDoesNotExistError,
  DatasetNotFoundError,
  EmbeddingDoesNotExistError,
  ImageError,
  InvalidArgumentError,
  InvalidConfigurationError,
  JobFailedError,
  MaxRetryError,
  SyncFailedError,
  TagDoesNotExistError,
  TransferError,
  UnsafeFileNameError,
} from './errors.ts';
export type { ExportOptions, ExportRows, FilenameAndUrls } from './exports.ts';
export type { FailedFile } from './failed-files.ts';
export type { UploadMode, UploadOptions, UploadResult } from './folder-uploads.ts';
export type { ImageSize } from './image-reader.ts';
export type { CustomMetadata, ImageMetadata, MetadataUpload } from './metadata.ts';
export type { ClientOptions } from './options.ts';
export type { PredictionVersion } from './predictions.ts';
export type { OnProgress, Progress } from './progress.ts';
export type * from './protocol.ts';
export type { RetryPolicy, Sleep } from './retry.ts';
export { CANCELED_OR_NOT_EXISTING, ComputeWorkerRunInfo, type ComputeWorkerRunState } from './run-info.ts';
export type { SelectionConfig, SelectionOptions } from './selection.ts';
export type { FilenamesInTag, SamplesAs } from './tags.ts';
export type { Abortable, CallOptions } from './transport.ts';
export type { ComputeWorkerConfig } from './worker-config.ts';

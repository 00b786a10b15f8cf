/*
 * The contract of the wire protocol, as far as the client's users see it. Types only: nothing of the server is part of
 * the client.
 */
import type { BodyOf, OperationId, PathOf, QueryOf, ResponseOf } from '#contracts/protocol/operations';

export type {
  ApiErrorCode,
  ConfigurationEntry,
  CreateEntityResponse,
  Creator,
  DatasetData,
  DatasetEmbeddingData,
  DatasetType,
  DatasourceConfig,
  DatasourceConfigVerifyData,
  DatasourcePurpose,
  DockerRunArtifactData,
  DockerRunArtifactType,
  DockerRunData,
  DockerRunLogEntryData,
  DockerRunScheduledData,
  DockerRunScheduledPriority,
  DockerRunScheduledState,
  DockerRunState,
  DockerWorkerConfigV3Lightly,
  DockerWorkerConfigV4Docker,
  DockerWorkerRegistryEntryData,
  FileNameFormat,
  FilenameAndReadUrl,
  LabelBoxDataRow,
  LabelBoxV4DataRow,
  LabelStudioTask,
  PredictionSingleton,
  PredictionTaskSchema,
  S3Region,
  SamaTask,
  SampleDataModes,
  SampleMetaData,
  SamplingMethod,
  SelectionConfigV4,
  TagData,
} from '#contracts/protocol/types.gen';
export type { BodyOf, OperationId, PathOf, QueryOf, ResponseOf };

type Part<Name extends string, Value> = undefined extends Value
  ? unknown
  : object extends Value
    ? { readonly [Key in Name]?: OrUndefined<Value> }
    : { readonly [Key in Name]: OrUndefined<Value> };

/** What is undefined is left out of what is sent. */
type OrUndefined<Value> = Value extends readonly unknown[]
  ? Value
  : { readonly [Key in keyof Value]: Value[Key] | UndefinedWhereOptional<Value, Key> };
type UndefinedWhereOptional<Value, Key extends keyof Value> =
  object extends Pick<Value, Key> ? undefined : never;

/** Path, query and body of a request; the parts that the operation does not have are left out. */
export type RequestOf<Id extends OperationId> = Part<'path', PathOf<Id>> &
  Part<'query', QueryOf<Id>> &
  Part<'body', BodyOf<Id>>;

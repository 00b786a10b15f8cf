import { ConflictError, InvalidInputError, NotFoundError } from '#contracts/errors';
import type { Artifact, Run } from '#contracts/items';
import { PROTOCOL_ARTIFACT_TYPES, type ProtocolArtifactType, type Upload } from '#contracts/run-files';
import { artifactObjectKey, runReportKey } from '#contracts/s3-keys';
import type { ObjectId } from '#contracts/schema';
import { artifactIdOf } from '../derived-id.ts';
import type { ObjectStore, ReadUrlSigner, WriteUrlSigner } from '../objects/objects.ts';
import { faultOfPath } from '../objects/relative-path.ts';
import { checkIsExternal } from './external-runs.ts';
import type { UploadStore } from './run-files.ts';
import type { ArtifactStore } from './runs.ts';

export interface RunFilesDeps {
  readonly artifacts: Pick<ArtifactStore, 'list'>;
  readonly uploads: UploadStore;
  readonly objects: Pick<ObjectStore, 'head'>;
  readonly readUrls: Pick<ReadUrlSigner, 'sign'>;
  readonly writeUrls: WriteUrlSigner;
  readonly buckets: { readonly platform: string };
  /** ms */
  readonly now: () => number;
}

/** An artifact as the protocol knows it, whoever made it. */
export interface ProtocolArtifact extends Pick<Upload, 'id' | 'type' | 'fileName' | 'createdAt' | 'key'> {}

/** Long enough to begin a transfer, short enough for a URL that got lost. */
const URL_SECONDS = 60 * 60;
const LONGEST_FILE_NAME_BYTES = 255;

/** The artifacts of a run that can be read, by file name. What the protocol has no type for is left out. */
export async function readableArtifacts(
  run: Pick<Run, 'id' | 'isExternal'>,
  { artifacts, uploads }: Pick<RunFilesDeps, 'artifacts' | 'uploads'>,
): Promise<ProtocolArtifact[]> {
  if (run.isExternal)
    return (await uploads.list(run.id)).filter(({ confirmedAt }) => confirmedAt !== undefined);
  return (await artifacts.list(run.id)).flatMap((artifact) => {
    const type = protocolTypeOf(artifact);
    return type === undefined ? [] : { ...artifact, type };
  });
}

const protocolTypeOf = ({ type }: Artifact): ProtocolArtifactType | undefined =>
  PROTOCOL_ARTIFACT_TYPES.find((known) => known === type);

/**
 * Announces an artifact of a run of another worker than the built-in one, which is then put to the URL.
 * @throws ConflictError `DOCKER_RUN_ARTIFACT_EXISTS` where one of this name is there; InvalidInputError,
 * ForbiddenError
 */
export async function announceArtifact(
  run: Run,
  { fileName, type }: Pick<Upload, 'fileName' | 'type'>,
  { uploads, writeUrls, buckets, now }: RunFilesDeps,
): Promise<{ readonly artifactId: ObjectId; readonly signedWriteUrl: string }> {
  checkIsExternal(run);
  checkFileName(fileName);
  const id = artifactIdOf(run.id, fileName);
  const key = artifactObjectKey(run.datasetId, run.id, fileName);
  const stored = await uploads.create({ id, runId: run.id, type, fileName, key, createdAt: now() });
  if (stored.confirmedAt !== undefined) {
    throw new ConflictError(`Run '${run.id}' has an artifact '${fileName}'. Choose another file name.`, {
      apiCode: 'DOCKER_RUN_ARTIFACT_EXISTS',
    });
  }
  const signedWriteUrl = await writeUrls.signWrite({ bucket: buckets.platform, key }, URL_SECONDS);
  return { artifactId: id, signedWriteUrl };
}

function checkFileName(fileName: string): void {
  const isLong = Buffer.byteLength(fileName) > LONGEST_FILE_NAME_BYTES;
  const fault = isLong ? `must have at most ${LONGEST_FILE_NAME_BYTES} bytes` : faultOfPath(fileName);
  if (fault !== undefined) throw new InvalidInputError(`$.fileName: ${fault}.`);
  if (/[/\\]/.test(fileName)) throw new InvalidInputError('$.fileName: must be a name without a folder.');
}

/**
 * From now on the artifact can be read.
 * @throws NotFoundError; ConflictError `DOCKER_RUN_ARTIFACT_UNAVAILABLE` where nothing has been put to its URL
 */
export async function confirmArtifact(run: Run, artifactId: ObjectId, deps: RunFilesDeps): Promise<void> {
  checkIsExternal(run);
  const found = (await deps.uploads.list(run.id)).find(({ id }) => id === artifactId);
  if (!found) throw new NotFoundError('artifact', artifactId);
  if (!(await deps.objects.head({ bucket: deps.buckets.platform, key: found.key }))) {
    throw new ConflictError(`Artifact '${artifactId}' is not uploaded. Put it to its signedWriteUrl first.`, {
      apiCode: 'DOCKER_RUN_ARTIFACT_UNAVAILABLE',
    });
  }
  await deps.uploads.confirm(found, deps.now());
}

/** @throws NotFoundError, also `DOCKER_RUN_ARTIFACT_UNAVAILABLE` where its upload is not confirmed */
export async function artifactReadUrl(run: Run, artifactId: ObjectId, deps: RunFilesDeps): Promise<string> {
  const artifact = (await readableArtifacts(run, deps)).find(({ id }) => id === artifactId);
  if (artifact) return readUrl(artifact.key, deps);
  const isAnnounced = run.isExternal && (await deps.uploads.list(run.id)).some(({ id }) => id === artifactId);
  throw new NotFoundError(isAnnounced ? 'uploaded artifact' : 'artifact', artifactId);
}

/** What counts as the report of a run, the best first. */
const REPORT_TYPES = ['REPORT_PDF', 'REPORT_V2_JSON', 'REPORT_JSON'] as const;

/** @throws NotFoundError `DOCKER_RUN_REPORT_UNAVAILABLE` where there is none yet */
export async function reportReadUrl(run: Run, deps: RunFilesDeps): Promise<string> {
  const key = runReportKey(run.datasetId, run.id);
  if (run.isExternal && (await deps.objects.head({ bucket: deps.buckets.platform, key }))) {
    return readUrl(key, deps);
  }
  const artifacts = await readableArtifacts(run, deps);
  for (const type of REPORT_TYPES) {
    const report = artifacts.find((artifact) => artifact.type === type);
    if (report) return readUrl(report.key, deps);
  }
  throw new NotFoundError('report of run', run.id);
}

/** @throws ForbiddenError for a run of the built-in worker */
export async function reportWriteUrl(run: Run, { writeUrls, buckets }: RunFilesDeps): Promise<string> {
  checkIsExternal(run);
  const key = runReportKey(run.datasetId, run.id);
  return writeUrls.signWrite({ bucket: buckets.platform, key }, URL_SECONDS);
}

function readUrl(key: string, { readUrls, buckets, now }: RunFilesDeps): Promise<string> {
  const signedAt = now();
  return readUrls.sign({ bucket: buckets.platform, key }, signedAt, signedAt + URL_SECONDS * 1000);
}

import { ArtifactNotExistError } from './errors.ts';
import { pathInside } from './path-inside.ts';
import { progressCounter, type Watchable } from './progress.ts';
import type { DockerRunArtifactData, DockerRunArtifactType, DockerRunData } from './protocol.ts';
import type { Session } from './session.ts';
import { downloadFile } from './storage.ts';
import type { Abortable } from './transport.ts';

/** Files that runs have made. */
export class Artifacts {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Downloads all artifacts of a run into a folder. @throws UnsafeFileNameError for a name that leads out of it */
  async downloadComputeWorkerRunArtifacts(
    run: DockerRunData,
    outputDir: string,
    { onProgress, signal }: Abortable & Watchable = {},
  ): Promise<void> {
    const artifacts = run.artifacts ?? [];
    const count = progressCounter(onProgress, artifacts.length);
    for (const artifact of artifacts) {
      await this.#download(run, artifact, pathInside(outputDir, artifact.fileName), { signal });
      count();
    }
  }

  /** @throws ArtifactNotExistError */
  async downloadComputeWorkerRunCheckpoint(run: DockerRunData, outputPath: string, options: Abortable = {}) {
    await this.#downloadType(run, 'CHECKPOINT', outputPath, options);
  }

  /** @throws ArtifactNotExistError */
  async downloadComputeWorkerRunReportPdf(run: DockerRunData, outputPath: string, options: Abortable = {}) {
    await this.#downloadType(run, 'REPORT_PDF', outputPath, options);
  }

  /**
   * @deprecated `downloadComputeWorkerRunReportV2Json`
   * @throws ArtifactNotExistError
   */
  async downloadComputeWorkerRunReportJson(run: DockerRunData, outputPath: string, options: Abortable = {}) {
    await this.#downloadType(run, 'REPORT_JSON', outputPath, options);
  }

  /** @throws ArtifactNotExistError */
  async downloadComputeWorkerRunReportV2Json(
    run: DockerRunData,
    outputPath: string,
    options: Abortable = {},
  ) {
    await this.#downloadType(run, 'REPORT_V2_JSON', outputPath, options);
  }

  /** @throws ArtifactNotExistError */
  async downloadComputeWorkerRunLog(run: DockerRunData, outputPath: string, options: Abortable = {}) {
    await this.#downloadType(run, 'LOG', outputPath, options);
  }

  /** @throws ArtifactNotExistError */
  async downloadComputeWorkerRunMemoryLog(run: DockerRunData, outputPath: string, options: Abortable = {}) {
    await this.#downloadType(run, 'MEMLOG', outputPath, options);
  }

  /** Which images could not be read, and why. @throws ArtifactNotExistError */
  async downloadComputeWorkerRunCorruptnessCheckInformation(
    run: DockerRunData,
    outputPath: string,
    options: Abortable = {},
  ) {
    await this.#downloadType(run, 'CORRUPTNESS_CHECK_INFORMATION', outputPath, options);
  }

  /** @throws ArtifactNotExistError */
  async downloadComputeWorkerRunSequenceInformation(
    run: DockerRunData,
    outputPath: string,
    options: Abortable = {},
  ) {
    await this.#downloadType(run, 'SEQUENCE_INFORMATION', outputPath, options);
  }

  /** A URL that the checkpoint can be read at for some time. @throws ArtifactNotExistError */
  async getComputeWorkerRunCheckpointUrl(run: DockerRunData, options: Abortable = {}): Promise<string> {
    return this.#readUrl(run, artifactOf(run, 'CHECKPOINT'), options);
  }

  #downloadType(run: DockerRunData, type: DockerRunArtifactType, outputPath: string, options: Abortable) {
    return this.#download(run, artifactOf(run, type), outputPath, options);
  }

  #download(run: DockerRunData, artifact: DockerRunArtifactData, outputPath: string, { signal }: Abortable) {
    const url = () => this.#readUrl(run, artifact, { signal });
    const transfer = { what: `the artifact '${artifact.fileName}'`, url, signal };
    return downloadFile(this.#session.settings, transfer, outputPath);
  }

  #readUrl(run: DockerRunData, artifact: DockerRunArtifactData, { signal }: Abortable): Promise<string> {
    const path = { runId: run.id, artifactId: artifact.id };
    return this.#session.call('get_docker_run_artifact_read_url_by_id', { path }, { signal });
  }
}

function artifactOf(run: DockerRunData, type: DockerRunArtifactType): DockerRunArtifactData {
  const artifact = run.artifacts?.find((one) => one.type === type);
  if (artifact) return artifact;
  throw new ArtifactNotExistError(`The run ${run.id} has no artifact of the type ${type}.`);
}

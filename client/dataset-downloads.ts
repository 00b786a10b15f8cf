import { access } from 'node:fs/promises';
import { BitMask } from './bit-mask.ts';
import { InvalidArgumentError } from './errors.ts';
import { errorOfOneFile, type FailedFile } from './failed-files.ts';
import { collected } from './paging.ts';
import { forEachInParallel } from './parallel.ts';
import { pathInside } from './path-inside.ts';
import { progressCounter, type Watchable } from './progress.ts';
import { currentDatasetId, type Session, sampleMappings } from './session.ts';
import { downloadFile } from './storage.ts';
import { INITIAL_TAG, type Tags } from './tags.ts';
import { type Abortable, anySignal } from './transport.ts';

export interface DownloadOptions extends Abortable, Watchable {
  /** How many images are downloaded at the same time. @default 8 */
  readonly parallel?: number | undefined;
  /** Whether images that are in the folder already are left as they are. @default false */
  readonly skipExisting?: boolean | undefined;
}

export interface DownloadResult {
  readonly downloaded: number;
  readonly skipped: number;
  /** Samples of the tag that are left out because their image is gone. */
  readonly gone: number;
  readonly failed: readonly FailedFile[];
}

/** The images of the dataset in use. */
export class DatasetDownloads {
  readonly #session: Session;
  readonly #tags: Tags;

  constructor(session: Session, tags: Tags) {
    this.#session = session;
    this.#tags = tags;
  }

  /**
   * Downloads the images of a tag into a folder, under their file names. Nothing is written outside of it. An image
   * that fails does not hold up the others: it is part of the result. Those that are gone are not tried.
   * @throws InvalidArgumentError where the dataset holds no full images; TagDoesNotExistError
   */
  async downloadDataset(
    outputDir: string,
    tagName: string = INITIAL_TAG,
    { parallel = 8, skipExisting = false, onProgress, signal }: DownloadOptions = {},
  ): Promise<DownloadResult> {
    const { samples, gone } = await this.#samplesOf(tagName, { signal });
    const ending = anySignal(signal, this.#session.settings.signal);
    const count = progressCounter(onProgress, samples.length);
    const failed: FailedFile[] = [];
    let skipped = 0;
    const download = async ({ sampleId, fileName }: NamedSample, how: { readonly signal: AbortSignal }) => {
      try {
        const path = pathInside(outputDir, fileName);
        if (skipExisting && (await exists(path))) skipped++;
        else await this.#download(sampleId, fileName, path, how);
      } catch (error) {
        failed.push({ fileName, error: errorOfOneFile(error, how.signal) });
      }
      count();
    };
    await forEachInParallel(samples, download, { workers: parallel, signal: ending });
    return { downloaded: samples.length - skipped - failed.length, skipped, gone, failed };
  }

  async #samplesOf(
    tagName: string,
    { signal }: Abortable,
  ): Promise<{ readonly samples: readonly NamedSample[]; readonly gone: number }> {
    const datasetId = await currentDatasetId(this.#session, { signal });
    const { imgType } = await this.#session.call('get_dataset_by_id', { path: { datasetId } }, { signal });
    if (imgType !== 'full') {
      throw new InvalidArgumentError(
        `The dataset ${datasetId} holds no full images that could be downloaded.`,
      );
    }
    const tag = await this.#tags.getTagByName(tagName, { signal });
    const all = BitMask.fromHex(tag.bitMaskData);
    const unavailable = await this.#tags.getUnavailableTag({ signal });
    const indices = unavailable ? all.difference(BitMask.fromHex(unavailable.bitMaskData)) : all;
    const sampleIds = indices.select(await collected(sampleMappings(this.#session, '_id', { signal })));
    const fileNames = indices.select(await collected(sampleMappings(this.#session, 'fileName', { signal })));
    const samples = sampleIds.map((sampleId, at) => ({ sampleId, fileName: fileNames[at] as string }));
    return { samples, gone: all.count - indices.count };
  }

  async #download(
    sampleId: string,
    fileName: string,
    outputPath: string,
    { signal }: Abortable,
  ): Promise<void> {
    const path = { datasetId: await currentDatasetId(this.#session, { signal }), sampleId };
    const request = { path, query: { type: 'full' } } as const;
    const url = () => this.#session.call('get_sample_image_read_url_by_id', request, { signal });
    await downloadFile(this.#session.settings, { what: `'${fileName}'`, url, signal }, outputPath);
  }
}

interface NamedSample {
  readonly sampleId: string;
  readonly fileName: string;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

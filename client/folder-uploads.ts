import { readFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { errorOfOneFile, type FailedFile } from './failed-files.ts';
import { imageFilesIn } from './image-files.ts';
import { type ImageReader, type ImageSize, loadImageReader } from './image-reader.ts';
import { paginate } from './paging.ts';
import { forEachInParallel } from './parallel.ts';
import { progressCounter, type Watchable } from './progress.ts';
import type { SampleMetaData } from './protocol.ts';
import { currentDatasetId, type Session } from './session.ts';
import { uploadFile } from './storage.ts';
import { INITIAL_TAG, initialTagOf, type Tags } from './tags.ts';
import { timestampOf } from './timestamp.ts';
import { type Abortable, anySignal } from './transport.ts';

/** What of each image is uploaded; each mode has what the next one has, too. */
export type UploadMode = 'full' | 'thumbnails' | 'metadata';

export interface UploadOptions extends Abortable, Watchable {
  /** @default 'full' */
  readonly mode?: UploadMode | undefined;
  /** Full images are made this large before they are uploaded. @default as they are */
  readonly imageSize?: ImageSize | undefined;
  /** How many images are uploaded at the same time. @default 8 */
  readonly workers?: number | undefined;
  /** Whether images that have been uploaded completely are left as they are. @default true */
  readonly resume?: boolean | undefined;
}

export interface UploadResult {
  readonly uploaded: number;
  readonly skipped: number;
  readonly failed: readonly FailedFile[];
  /** The tag of the new samples; undefined where there are none, or the upload must be repeated first. */
  readonly tagId: string | undefined;
}

/** A sample is complete when it has its metadata: they are set last. */
interface KnownSample {
  readonly id: string;
  readonly isComplete: boolean;
}

interface Upload {
  readonly datasetId: string;
  readonly folder: string;
  readonly mode: UploadMode;
  readonly imageSize: ImageSize | undefined;
  readonly reader: ImageReader;
  readonly known: ReadonlyMap<string, KnownSample>;
}

const IMAGE_TYPES = { full: 'full', thumbnails: 'thumbnail', metadata: 'meta' } as const;

/** Local images as samples of the dataset in use. */
export class FolderUploads {
  readonly #session: Session;
  readonly #tags: Tags;

  constructor(session: Session, tags: Tags) {
    this.#session = session;
    this.#tags = tags;
  }

  /**
   * Uploads the images of a folder and its subfolders, and makes a tag of what is new: the initial tag, or one by
   * the name of the time. An image that fails does not hold up the others: it is part of the result. An upload that
   * was cut short goes on where it was when it is called again. Needs the package sharp.
   * @throws InvalidConfigurationError without it
   */
  async uploadFolder(folder: string, options: UploadOptions = {}): Promise<UploadResult> {
    const { mode = 'full', imageSize, workers = 8, resume = true, onProgress } = options;
    const reader = await loadImageReader();
    const files = await imageFilesIn(folder);
    const signal = anySignal(options.signal, this.#session.settings.signal);
    const datasetId = await currentDatasetId(this.#session, { signal });
    const known = await this.#knownSamples(datasetId, { signal });
    const upload: Upload = { datasetId, folder, mode, imageSize, reader, known };

    const isDone = (fileName: string) => resume && known.get(fileName)?.isComplete === true;
    const remaining = files.filter((fileName) => !isDone(fileName));
    const skipped = files.length - remaining.length;
    const count = progressCounter(onProgress, files.length);
    count(skipped);
    await this.#register(datasetId, files.length, skipped, { signal });
    const failed: FailedFile[] = [];
    const uploadOne = async (fileName: string, how: { readonly signal: AbortSignal }) => {
      try {
        await this.#uploadImage(upload, fileName, how);
      } catch (error) {
        failed.push({ fileName, error: errorOfOneFile(error, how.signal) });
      }
      count();
    };
    await forEachInParallel(remaining, uploadOne, { workers, signal });
    await this.#register(datasetId, files.length, files.length - failed.length, { signal });
    const tagId = await this.#tagNewSamples(upload, files, { signal });
    return { uploaded: remaining.length - failed.length, skipped, failed, tagId };
  }

  /** Writes a file to a signed URL, for what no other method uploads. @throws TransferError, MaxRetryError */
  async uploadFileWithSignedUrl(
    content: Uint8Array<ArrayBuffer> | Blob,
    signedWriteUrl: string,
    { signal }: Abortable = {},
  ): Promise<void> {
    const transfer = { what: 'the file', url: async () => signedWriteUrl, signal };
    await uploadFile(this.#session.settings, transfer, content);
  }

  async #uploadImage(upload: Upload, fileName: string, { signal }: Abortable): Promise<void> {
    const { reader, mode, imageSize } = upload;
    const bytes = await readFile(join(upload.folder, fileName));
    // All that can be wrong with the image is found before the server hears of it.
    const metaData = await reader.metadata(bytes);
    if (mode === 'metadata') return this.#setSample(upload, fileName, { metaData }, { signal });
    const thumbnail = await reader.thumbnail(bytes);
    const full = mode === 'full' && imageSize !== undefined ? await reader.resized(bytes, imageSize) : bytes;

    const thumbName = thumbNameOf(fileName);
    const { id, writeUrls } = await this.#sampleToWrite(upload, { fileName, thumbName }, { signal });
    const transfer = (what: string, url: string) => ({ what, url: async () => url, signal });
    const { settings } = this.#session;
    await uploadFile(settings, transfer(`the thumbnail of '${fileName}'`, writeUrls.thumb), thumbnail);
    if (mode === 'full') await uploadFile(settings, transfer(`'${fileName}'`, writeUrls.full), full);
    await this.#update(upload.datasetId, id, { metaData, thumbName }, { signal });
  }

  /** A new sample, or one that an earlier upload has left incomplete, and where its files are written. */
  async #sampleToWrite(
    { datasetId, known }: Upload,
    body: { readonly fileName: string; readonly thumbName: string },
    { signal }: Abortable,
  ) {
    const { call } = this.#session;
    const how = { signal, repeated: true };
    const sample = known.get(body.fileName);
    if (sample) {
      const path = { datasetId, sampleId: sample.id };
      return { id: sample.id, writeUrls: await call('get_sample_image_write_urls_by_id', { path }, how) };
    }
    const request = { path: { datasetId }, body };
    const created = await call('create_sample_with_write_urls_by_dataset_id', request, how);
    return { id: created.id, writeUrls: created.sampleWriteUrls };
  }

  /** A sample without files. */
  async #setSample(
    { datasetId, known }: Upload,
    fileName: string,
    body: { readonly metaData: SampleMetaData },
    { signal }: Abortable,
  ): Promise<void> {
    const sample = known.get(fileName);
    if (sample) return this.#update(datasetId, sample.id, body, { signal });
    const request = { path: { datasetId }, body: { fileName, ...body } };
    await this.#session.call('create_sample_by_dataset_id', request, { signal, repeated: true });
  }

  async #update(
    datasetId: string,
    sampleId: string,
    body: { readonly metaData: SampleMetaData; readonly thumbName?: string },
    { signal }: Abortable,
  ): Promise<void> {
    const request = { path: { datasetId, sampleId }, body };
    await this.#session.call('update_sample_by_id', request, { signal, repeated: true });
  }

  async #knownSamples(datasetId: string, { signal }: Abortable): Promise<Map<string, KnownSample>> {
    const samples = paginate((page) => {
      const request = { path: { datasetId }, query: { mode: 'full', ...page } } as const;
      return this.#session.call('get_samples_partial_by_dataset_id', request, { signal, repeated: true });
    });
    const known = new Map<string, KnownSample>();
    for await (const { id, fileName, metaData } of samples) {
      if (fileName !== undefined) known.set(fileName, { id, isComplete: metaData !== undefined });
    }
    return known;
  }

  async #register(datasetId: string, total: number, processed: number, { signal }: Abortable): Promise<void> {
    const body = { total, processed, uploadMethod: 'USER_PIP', isRegistered: true } as const;
    await this.#session.call('register_dataset_upload_by_id', { path: { datasetId }, body }, { signal });
  }

  /** Samples whose files are missing would be part of the tag for ever, so those of this folder are waited for. */
  async #tagNewSamples(
    { datasetId, mode }: Upload,
    files: readonly string[],
    { signal }: Abortable,
  ): Promise<string | undefined> {
    const known = await this.#knownSamples(datasetId, { signal });
    if (known.size === 0 || files.some((name) => known.get(name)?.isComplete === false)) return undefined;
    const { call, settings } = this.#session;
    const path = { datasetId };
    const initialTag = initialTagOf(await this.#tags.getAllTags({ signal }));
    if (!initialTag) {
      const body = { name: INITIAL_TAG, imgType: IMAGE_TYPES[mode], creator: settings.creator };
      return (await call('create_initial_tag_by_dataset_id', { path, body }, { signal })).id;
    }
    if (initialTag.totSize >= known.size) return undefined;
    const body = { upsizeTagName: timestampOf(settings.now()), upsizeTagCreator: settings.creator };
    return (await call('upsize_tags_by_dataset_id', { path, body }, { signal })).id;
  }
}

/** Where thumbnails are in a datasource too, in which nothing else is written. */
function thumbNameOf(fileName: string): string {
  const { dir, name } = parse(fileName);
  return `.lightly/thumbnails/${dir === '' ? '' : `${dir}/`}${name}_thumb.webp`;
}

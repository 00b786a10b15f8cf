import { InvalidArgumentError } from './errors.ts';
import { LARGE_PAGE_SIZE, paginate } from './paging.ts';
import { forEachInParallel } from './parallel.ts';
import { progressCounter, type Watchable } from './progress.ts';
import type { ConfigurationEntry, CreateEntityResponse } from './protocol.ts';
import { currentDatasetId, type Session } from './session.ts';
import { type Abortable, anySignal } from './transport.ts';

/** One's own metadata, in the manner of COCO. */
export interface CustomMetadata {
  readonly images: readonly { readonly file_name: string; readonly id: number | string }[];
  readonly metadata: readonly ImageMetadata[];
}

export interface ImageMetadata {
  /** `id` of an image. */
  readonly image_id: number | string;
  readonly [key: string]: unknown;
}

export interface MetadataUpload extends Abortable, Watchable {
  /** How many samples are updated at the same time. @default 8 */
  readonly workers?: number | undefined;
}

/** One's own metadata of the samples of the dataset in use. */
export class Metadata {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** @throws InvalidArgumentError where `images` or `metadata` are missing */
  verifyCustomMetadataFormat(customMetadata: unknown): void {
    for (const key of ['images', 'metadata']) {
      if (Array.isArray((customMetadata as Record<string, unknown> | undefined)?.[key])) continue;
      throw new InvalidArgumentError(`Custom metadata needs the key '${key}' with a list.`);
    }
  }

  /** The metadata of each image by its file name; `null` where an image has none. */
  indexCustomMetadataByFilename({ images, metadata }: CustomMetadata): Record<string, ImageMetadata | null> {
    const byImage = new Map(metadata.map((entry) => [entry.image_id, entry]));
    return Object.fromEntries(images.map(({ file_name, id }) => [file_name, byImage.get(id) ?? null]));
  }

  /** Sets the metadata of all samples that are named; what belongs to no sample is left out, with a warning. */
  async uploadCustomMetadata(customMetadata: CustomMetadata, options: MetadataUpload = {}): Promise<void> {
    this.verifyCustomMetadataFormat(customMetadata);
    const { workers = 8, onProgress, signal } = options;
    const datasetId = await currentDatasetId(this.#session, { signal });
    const updates = this.#updatesOf(customMetadata, await this.#sampleIds(datasetId, { signal }));
    const count = progressCounter(onProgress, updates.length);
    const update = async ({ sampleId, customMetaData }: Update, how: Abortable) => {
      const request = { path: { datasetId, sampleId }, body: { customMetaData } };
      await this.#session.call('update_sample_by_id', request, { ...how, repeated: true });
      count();
    };
    await forEachInParallel(updates, update, {
      workers,
      signal: anySignal(signal, this.#session.settings.signal),
    });
  }

  /** Says how one's own metadata are shown and used. */
  async createCustomMetadataConfig(
    name: string,
    configs: readonly ConfigurationEntry[],
    { signal }: Abortable = {},
  ): Promise<CreateEntityResponse> {
    const path = { datasetId: await currentDatasetId(this.#session, { signal }) };
    const body = { name, configs: [...configs] };
    return this.#session.call('create_meta_data_configuration', { path, body }, { signal });
  }

  async #sampleIds(datasetId: string, { signal }: Abortable): Promise<Map<string, string>> {
    const { call } = this.#session;
    const samples = paginate((page) => {
      const query = { mode: 'fileNames', ...page } as const;
      return call(
        'get_samples_partial_by_dataset_id',
        { path: { datasetId }, query },
        { signal, repeated: true },
      );
    }, LARGE_PAGE_SIZE);
    const ids = new Map<string, string>();
    for await (const { id, fileName } of samples) if (fileName !== undefined) ids.set(fileName, id);
    return ids;
  }

  #updatesOf({ images, metadata }: CustomMetadata, sampleIds: ReadonlyMap<string, string>): Update[] {
    const fileNames = new Map(images.map(({ id, file_name }) => [id, file_name]));
    return metadata.flatMap((customMetaData) => {
      const fileName = fileNames.get(customMetaData.image_id);
      const sampleId = fileName === undefined ? undefined : sampleIds.get(fileName);
      if (sampleId !== undefined) return [{ sampleId, customMetaData: { ...customMetaData } }];
      const missing =
        fileName === undefined ? 'no image has this id' : `the dataset has no sample '${fileName}'`;
      this.#session.settings.onWarning(
        `Metadata of image ${customMetaData.image_id} are left out: ${missing}.`,
      );
      return [];
    });
  }
}

interface Update {
  readonly sampleId: string;
  readonly customMetaData: Record<string, unknown>;
}

import { BitMask } from './bit-mask.ts';
import { InvalidArgumentError, TagDoesNotExistError } from './errors.ts';
import { collected } from './paging.ts';
import type { TagData } from './protocol.ts';
import { currentDatasetId, type Session, sampleMappings } from './session.ts';
import type { Abortable } from './transport.ts';

export interface FilenamesInTag extends Abortable {
  /** All file names of the dataset in their order, where they are at hand: saves asking for them. */
  readonly filenamesOnServer?: readonly string[] | undefined;
  /** Only the samples that the parent of the tag does not have. @default false */
  readonly excludeParentTag?: boolean | undefined;
}

/** How the samples of a tag are given: file names, a mask, or indices. */
export type SamplesAs = 'list' | 'mask' | 'indices';

export const INITIAL_TAG = 'initial-tag';
const UNAVAILABLE_TAG = 'no-longer-available';

/** The tag with all samples, which may have been made under another name. */
export const initialTagOf = (tags: readonly TagData[]): TagData | undefined =>
  tags.find(({ name }) => name === INITIAL_TAG) ?? tags.find(({ prevTagId }) => prevTagId === null);

/** Named subsets of the samples of the dataset in use. */
export class Tags {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** All tags, the newest first. */
  async getAllTags({ signal }: Abortable = {}): Promise<TagData[]> {
    const path = { datasetId: await currentDatasetId(this.#session, { signal }) };
    return this.#session.call('get_tags_by_dataset_id', { path }, { signal });
  }

  async getTagById(tagId: string, { signal }: Abortable = {}): Promise<TagData> {
    const path = { datasetId: await currentDatasetId(this.#session, { signal }), tagId };
    return this.#session.call('get_tag_by_tag_id', { path }, { signal });
  }

  /** @throws TagDoesNotExistError */
  async getTagByName(tagName: string, options: Abortable = {}): Promise<TagData> {
    const tags = await this.getAllTags(options);
    const tag = tags.find(({ name }) => name === tagName);
    if (tag) return this.getTagById(tag.id, options);
    throw new TagDoesNotExistError(`The dataset has no tag with the name '${tagName}'.`);
  }

  /** Winnow's tag of the samples whose image is gone, which is minutes old at most; undefined where none ever was. */
  async getUnavailableTag(options: Abortable = {}): Promise<TagData | undefined> {
    const tags = await this.getAllTags(options);
    const id = tags.find(({ name }) => name === UNAVAILABLE_TAG)?.id;
    const tag = id === undefined ? undefined : await this.getTagById(id, options);
    // One of that name that somebody else has made tells something else.
    return tag?.changes?.some(({ creator }) => creator === 'USER_WORKER') ? tag : undefined;
  }

  /** File names of a tag, in the order of the samples' indices. */
  async getFilenamesInTag(tag: TagData, options: FilenamesInTag = {}): Promise<string[]> {
    const { filenamesOnServer, excludeParentTag = false, signal } = options;
    const mask = excludeParentTag
      ? await this.#maskWithoutParent(tag, { signal })
      : BitMask.fromHex(tag.bitMaskData);
    return mask.select(filenamesOnServer ?? (await this.#filenames({ signal })));
  }

  /** The samples of a tag: their file names, a mask, or their indices. */
  async getSamplesInTag(tagName: string, options: { as: 'mask' } & Abortable): Promise<BitMask>;
  async getSamplesInTag(tagName: string, options: { as: 'indices' } & Abortable): Promise<number[]>;
  async getSamplesInTag(tagName: string, options?: { as?: 'list' } & Abortable): Promise<string[]>;
  async getSamplesInTag(
    tagName: string,
    { as = 'list', signal }: { as?: SamplesAs } & Abortable = {},
  ): Promise<BitMask | number[] | string[]> {
    const mask = BitMask.fromHex((await this.getTagByName(tagName, { signal })).bitMaskData);
    if (as === 'mask') return mask;
    return as === 'indices' ? mask.toIndices() : mask.select(await this.#filenames({ signal }));
  }

  /**
   * Makes a tag of samples given by their file names.
   * @throws InvalidArgumentError where the tag exists, there is no initial tag, or a file name is unknown
   */
  async createTagFromFilenames(
    fileNames: Iterable<string>,
    tagName: string,
    options: { readonly parentTagId?: string | undefined } & Abortable = {},
  ): Promise<TagData> {
    const { parentTagId, signal } = options;
    const initialTag = this.#initialTagBeside(tagName, await this.getAllTags({ signal }));
    const namesOnServer = await this.#filenames({ signal });
    const path = { datasetId: await currentDatasetId(this.#session, { signal }) };
    const body = {
      name: tagName,
      prevTagId: parentTagId ?? initialTag.id,
      bitMaskData: maskOf(new Set(fileNames), namesOnServer).toHex(),
      totSize: namesOnServer.length,
      creator: this.#session.settings.creator,
    };
    const { id } = await this.#session.call('create_tag_by_dataset_id', { path, body }, { signal });
    return this.getTagById(id, { signal });
  }

  /** Deletes a tag that is no other tag's parent. The initial tag can't be deleted. */
  async deleteTagById(tagId: string, { signal }: Abortable = {}): Promise<void> {
    const path = { datasetId: await currentDatasetId(this.#session, { signal }), tagId };
    await this.#session.call('delete_tag_by_tag_id', { path }, { signal });
  }

  /** @throws TagDoesNotExistError */
  async deleteTagByName(tagName: string, options: Abortable = {}): Promise<void> {
    const { id } = await this.getTagByName(tagName, options);
    await this.deleteTagById(id, options);
  }

  #filenames(options: Abortable): Promise<string[]> {
    return collected(sampleMappings(this.#session, 'fileName', options));
  }

  async #maskWithoutParent({ id, prevTagId }: TagData, { signal }: Abortable): Promise<BitMask> {
    if (prevTagId === null)
      throw new InvalidArgumentError('The tag has no parent whose samples could be left out.');
    const path = { datasetId: await currentDatasetId(this.#session, { signal }) };
    const body = { tagId1: id, tagId2: prevTagId, operation: 'DIFFERENCE' } as const;
    const { bitMaskData } = await this.#session.call(
      'perform_tag_arithmetics_bitmask',
      { path, body },
      { signal },
    );
    return BitMask.fromHex(bitMaskData);
  }

  #initialTagBeside(tagName: string, tags: readonly TagData[]): TagData {
    if (tags.some(({ name }) => name === tagName)) {
      throw new InvalidArgumentError(`There is a tag with the name '${tagName}' already.`);
    }
    const initialTag = initialTagOf(tags);
    if (!initialTag) throw new InvalidArgumentError('The dataset has no initial tag yet: it has no samples.');
    return initialTag;
  }
}

function maskOf(fileNames: ReadonlySet<string>, namesOnServer: readonly string[]): BitMask {
  const indices = namesOnServer.flatMap((name, index) => (fileNames.has(name) ? [index] : []));
  if (indices.length === fileNames.size) return BitMask.fromIndices(indices);
  const known = new Set(namesOnServer);
  const unknown = [...fileNames].filter((name) => !known.has(name));
  throw new InvalidArgumentError(
    `${unknown.length} of the ${fileNames.size} file names are not in the dataset: '${unknown[0]}' for example.` +
      (namesOnServer.length > 0 ? ` A name that is in it: '${namesOnServer[0]}'.` : ''),
  );
}

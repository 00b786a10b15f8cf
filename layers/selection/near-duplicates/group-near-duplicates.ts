import type { NearDuplicateGroup } from '#contracts/near-duplicates';
import { type OnProgress, Progress } from '../progress.ts';
import { distance } from '../vectors/distance.ts';
import type { ComparedImage, KnownImage, NearDuplicateLimits } from './compared-image.ts';
import { differentBits, type HashBits, hashBits } from './hash-bits.ts';
import { nearAny } from './near-any.ts';
import { NearIndex } from './near-index.ts';

export interface GroupingRequest extends NearDuplicateLimits {
  /** In an order that stays the same from run to run. */
  readonly known: readonly KnownImage[];
  /** In an order that does not depend on when images arrived: of images that are alike, the first stands for them. */
  readonly fresh: readonly ComparedImage[];
  /**
   * Id of a group.
   * @param ordinal - 0, unless a group that an image of the same name has founded before has that id
   */
  readonly groupId: (representative: string, ordinal: number) => string;
  /** Called every few tenths of a second; what it throws, or rejects with, ends the grouping. */
  readonly onProgress?: OnProgress;
}

/**
 * Groups near-duplicates by leader clustering (Hartigan 1975, "Clustering Algorithms", chapter 3): one fresh image after
 * the other joins the group of the nearest representative within the limits, or stands for itself from then on. So no
 * two members are farther apart than twice the limit, however many join. Known images keep what they have: they are
 * compared with fresh ones only.
 *
 * @returns the group of each fresh image that has one, and of each known image that has got its first.
 */
export async function groupNearDuplicates(
  request: GroupingRequest,
): Promise<ReadonlyMap<string, NearDuplicateGroup>> {
  const { fresh, onProgress } = request;
  const found = new Map<string, NearDuplicateGroup>();
  const progress = new Progress(fresh.length, onProgress);
  const known = await nearAny(knownFounders(request.known), fresh, request, progress);
  const images: readonly ComparedImage[] = [...known, ...fresh];
  const groups = new Groups(known, request);
  const founders = await Founders.among(images, request, progress);
  for (let position = 0; position < known.length; position++) founders.add(position);
  for (let position = known.length; position < images.length; position++) {
    const { founder, work } = founders.nearestTo(position);
    if (founder === undefined) founders.add(position);
    else {
      const { fileName } = images[founder] as ComparedImage;
      const isFirst = !groups.has(founder);
      const group = groups.of(founder, fileName);
      if (isFirst) found.set(fileName, group);
      found.set((images[position] as ComparedImage).fileName, group);
    }
    if (progress.step(work)) await progress.pause();
  }
  return found;
}

/**
 * The known images that stand for a group or for themselves, in their order. Where the representative of a group is not
 * among them, or has become another image, the first member stands in for it.
 */
function knownFounders(known: readonly KnownImage[]): KnownImage[] {
  const founders = new Map<string, number>();
  const alone: number[] = [];
  known.forEach(({ fileName, group }, position) => {
    if (!group) alone.push(position);
    else if (group.representative === fileName || !founders.has(group.id)) founders.set(group.id, position);
  });
  return [...founders.values(), ...alone]
    .sort((a, b) => a - b)
    .map((position) => known[position] as KnownImage);
}

/** Images that others may join. */
class Founders {
  readonly #images: readonly ComparedImage[];
  readonly #hashes: HashBits;
  readonly #index: NearIndex;
  readonly #limits: NearDuplicateLimits;

  private constructor(images: readonly ComparedImage[], index: NearIndex, limits: NearDuplicateLimits) {
    this.#images = images;
    this.#hashes = hashBits(images.map(({ perceptualHash }) => perceptualHash));
    this.#index = index;
    this.#limits = limits;
  }

  static async among(
    images: readonly ComparedImage[],
    limits: NearDuplicateLimits,
    progress: Progress,
  ): Promise<Founders> {
    const index = await NearIndex.over(
      images.map(({ embedding }) => embedding),
      progress,
    );
    return new Founders(images, index, limits);
  }

  add(position: number): void {
    this.#index.add(position);
  }

  /** The one within the limits whose embedding is nearest; of several that are equally near, the first. */
  nearestTo(position: number): { readonly founder: number | undefined; readonly work: number } {
    const { maxDistance, maxHashDistance } = this.#limits;
    const { embedding } = this.#images[position] as ComparedImage;
    let founder: number | undefined;
    let compared = 0;
    const searching = this.#index.search(position, maxDistance, (other, radius) => {
      if (differentBits(this.#hashes, position, other) > maxHashDistance) return radius;
      compared++;
      const otherEmbedding = (this.#images[other] as ComparedImage).embedding;
      const apart = distance(embedding, 0, otherEmbedding, 0, embedding.length);
      if (apart > radius || (apart === radius && founder !== undefined && founder < other)) return radius;
      founder = other;
      return apart;
    });
    return { founder, work: searching + compared * embedding.length };
  }
}

/** The groups by the position of their founder. */
class Groups {
  readonly #byFounder = new Map<number, NearDuplicateGroup>();
  readonly #taken = new Set<string>();
  readonly #groupId: GroupingRequest['groupId'];

  /** @param founders - the known ones that others may join; first of all images */
  constructor(founders: readonly KnownImage[], { known, groupId }: GroupingRequest) {
    this.#groupId = groupId;
    founders.forEach(({ group }, position) => {
      if (group) this.#byFounder.set(position, group);
    });
    for (const { group } of known) if (group) this.#taken.add(group.id);
  }

  has(founder: number): boolean {
    return this.#byFounder.has(founder);
  }

  /** The group that it stands for; a new one where it has been alone so far. */
  of(founder: number, fileName: string): NearDuplicateGroup {
    const existing = this.#byFounder.get(founder);
    if (existing) return existing;
    let ordinal = 0;
    while (this.#taken.has(this.#groupId(fileName, ordinal))) ordinal++;
    const group = { id: this.#groupId(fileName, ordinal), representative: fileName };
    this.#taken.add(group.id);
    this.#byFounder.set(founder, group);
    return group;
  }
}

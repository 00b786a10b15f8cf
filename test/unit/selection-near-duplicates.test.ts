import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ComparedImage, KnownImage } from '#selection/near-duplicates/compared-image';
import { type GroupingRequest, groupNearDuplicates } from '#selection/near-duplicates/group-near-duplicates';

const NO_HASH = '0'.repeat(16);
/** An image at an angle on the circle: the distance of two is 2 sin(half of the angle between). */
const at = (fileName: string, degrees: number, perceptualHash = NO_HASH): ComparedImage => ({
  fileName,
  embedding: Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)),
  perceptualHash,
});
const known = (image: ComparedImage, representative?: string): KnownImage => ({
  ...image,
  ...(representative !== undefined && { group: { id: `id of ${representative} 0`, representative } }),
});
/** 10 degrees are 0.174 apart. */
const grouped = async (request: Partial<GroupingRequest>): Promise<Record<string, string>> => {
  const groups = await groupNearDuplicates({
    known: [],
    fresh: [],
    maxDistance: 0.175,
    maxHashDistance: 64,
    groupId: (representative, ordinal) => `id of ${representative} ${ordinal}`,
    ...request,
  });
  return Object.fromEntries([...groups].map(([fileName, { id }]) => [fileName, id]));
};

describe('near-duplicates in one run', () => {
  test('an image joins the nearest representative; one that is like no other is in no group', async () => {
    const fresh = [at('a', 0), at('b', 18), at('c', 10), at('d', 90), at('e', 1)];
    expect(await grouped({ fresh })).toEqual({
      a: 'id of a 0',
      b: 'id of b 0',
      c: 'id of b 0',
      e: 'id of a 0',
    });
  });

  test('groups do not grow along a chain: who joins is near to the representative', async () => {
    const fresh = [at('a', 0), at('b', 8), at('c', 16), at('d', 24)];
    expect(await grouped({ fresh })).toEqual({
      a: 'id of a 0',
      b: 'id of a 0',
      c: 'id of c 0',
      d: 'id of c 0',
    });
  });

  test('exactly as far as allowed is near enough', async () => {
    const fresh = [
      { ...at('a', 0), embedding: Float32Array.of(0, 0) },
      { ...at('b', 0), embedding: Float32Array.of(0.5, 0) },
    ];
    expect(await grouped({ fresh, maxDistance: 0.5 })).toEqual({ a: 'id of a 0', b: 'id of a 0' });
    expect(await grouped({ fresh, maxDistance: 0.4999 })).toEqual({});
  });

  test('the perceptual hashes must be alike too', async () => {
    const fresh = [
      at('a', 0, '00000000000000ff'),
      at('b', 0, '0000000000000000'),
      at('c', 0, '80000000000000ff'),
    ];
    expect(await grouped({ fresh, maxHashDistance: 7 })).toEqual({ a: 'id of a 0', c: 'id of a 0' });
    expect(Object.keys(await grouped({ fresh, maxHashDistance: 8 }))).toEqual(['a', 'b', 'c']);
  });

  test('of representatives that are equally near, the first counts', async () => {
    const fresh = [at('a', 0), at('b', 20), at('c', 10)];
    const exact = fresh.map((image, index) => ({
      ...image,
      embedding: Float32Array.of([0, 2, 1][index]!, 0),
    }));
    expect(await grouped({ fresh: exact, maxDistance: 1 })).toEqual({ a: 'id of a 0', c: 'id of a 0' });
  });
});

describe('near-duplicates across runs', () => {
  test('a group keeps its id while images join it', async () => {
    const images = [known(at('r', 0), 'r'), known(at('s', 9), 'r')];
    expect(await grouped({ known: images, fresh: [at('a', 5), at('b', 15)] })).toEqual({ a: 'id of r 0' });
  });

  test('an image that was alone founds the group of whatever joins it, and is told', async () => {
    expect(await grouped({ known: [known(at('r', 0))], fresh: [at('a', 5), at('b', 6)] })).toEqual({
      r: 'id of r 0',
      a: 'id of r 0',
      b: 'id of r 0',
    });
  });

  test('images that earlier runs have left apart stay apart', async () => {
    expect(await grouped({ known: [known(at('r', 0)), known(at('s', 1)), known(at('t', 2), 'z')] })).toEqual(
      {},
    );
  });

  test('where the representative is gone, the first member stands in for it', async () => {
    const images = [known(at('s', 0), 'gone'), known(at('t', 30), 'gone')];
    const fresh = [at('a', 5), at('b', 35)];
    expect(await grouped({ known: images, fresh })).toEqual({ a: 'id of gone 0' });
  });

  test('a representative that has become another image founds another group', async () => {
    const images = [known(at('s', 0), 'r'), known(at('t', 1), 'r')];
    expect(await grouped({ known: images, fresh: [at('r', 90), at('x', 91)] })).toEqual({
      r: 'id of r 1',
      x: 'id of r 1',
    });
  });

  test('run by run, groups are those of one run with the same images in that order', async () => {
    const images = collection(400);
    const limits = { maxDistance: 0.4 };
    const whole = await grouped({ ...limits, fresh: images });
    let known: KnownImage[] = [];
    for (let from = 0; from < images.length; from += 100) {
      const fresh = images.slice(from, from + 100);
      const found = await groupNearDuplicates({
        ...limits,
        known,
        fresh,
        maxHashDistance: 64,
        groupId: (representative, ordinal) => `id of ${representative} ${ordinal}`,
      });
      known = [...known, ...fresh].map((image) => ({
        ...image,
        group: found.get(image.fileName) ?? (image as KnownImage).group,
      }));
    }
    const stepwise = known.flatMap(({ fileName, group }) => (group ? [[fileName, group.id]] : []));
    expect(Object.fromEntries(stepwise)).toEqual(whole);
    expect(new Set(Object.values(whole)).size).toBeGreaterThan(20);
  });
});

describe('the search', () => {
  test('finds in a small collection what comparing each with each finds', async () => {
    const images = collection(1_000);
    expect(await grouped({ fresh: images, maxDistance: 0.4 })).toEqual(byComparingAll(images, 0.4));
  });

  describe('in a collection that is searched by parts', () => {
    const images = collection(4_000);
    let all: Record<string, string>;
    beforeAll(() => {
      all = byComparingAll(images, 0.4);
    });

    test('finds the same among a few new images and many known ones as by comparing each with each', async () => {
      const many: KnownImage[] = images.slice(0, 3_950).map((image) => {
        const id = all[image.fileName];
        return id === undefined ? image : { ...image, group: { id, representative: id.split(' ')[2]! } };
      });
      const fresh = images.slice(3_950);
      const found = await grouped({ known: many, fresh, maxDistance: 0.4 });
      const joined = fresh.flatMap(({ fileName }) => (all[fileName] ? [[fileName, all[fileName]]] : []));
      expect(found).toMatchObject(Object.fromEntries(joined));
      expect(joined.length).toBeGreaterThan(20);
    });

    test('finds 99 of 100 of that', async () => {
      const found = await grouped({ fresh: images, maxDistance: 0.4 });
      const same = Object.entries(all).filter(([fileName, id]) => found[fileName] === id);
      expect(same.length / Object.keys(all).length).toBeGreaterThan(0.99);
      expect(Object.keys(all).length).toBeGreaterThan(1_000);
    });
  });
});

/** Images of 32 values around some scenes, half of them nearly the same as the one before. */
function collection(size: number): ComparedImage[] {
  let state = 2026;
  const random = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x80000000 - 0.5;
  };
  const vector = (spread: number, around?: Float32Array): Float32Array =>
    Float32Array.from({ length: 32 }, (_, axis) => (around?.[axis] ?? 0) + spread * random());
  const scenes = Array.from({ length: 30 }, () => vector(1));
  const images: ComparedImage[] = [];
  for (let index = 0; index < size; index++) {
    const before = images.at(-1)?.embedding;
    const embedding = before && index % 2 === 1 ? vector(0.2, before) : vector(0.8, scenes[index % 30]);
    images.push({ fileName: String(index).padStart(6, '0'), embedding, perceptualHash: NO_HASH });
  }
  return images;
}

function byComparingAll(images: readonly ComparedImage[], limit: number): Record<string, string> {
  const groups: Record<string, string> = {};
  const founders: ComparedImage[] = [];
  for (const image of images) {
    let nearest: ComparedImage | undefined;
    let least = limit;
    for (const founder of founders) {
      const apart = apartnessOf(founder.embedding, image.embedding);
      if (apart > least || (apart === least && nearest)) continue;
      nearest = founder;
      least = apart;
    }
    if (!nearest) {
      founders.push(image);
      continue;
    }
    const id = `id of ${nearest.fileName} 0`;
    groups[nearest.fileName] = id;
    groups[image.fileName] = id;
  }
  return groups;
}

function apartnessOf(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let axis = 0; axis < a.length; axis++) sum += (a[axis]! - b[axis]!) ** 2;
  return Math.fround(Math.sqrt(sum));
}

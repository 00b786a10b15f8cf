import { describe, expect, it } from '@jest/globals';
import { REDUCTION_METHODS } from '#contracts/embeddings';
import { placeByNeighbours } from '#platform/embeddings/place-by-neighbours';
import { projectVectors } from '#platform/embeddings/project-vectors';

/** `groups` clouds of vectors around corners that are equally far from each other. */
function clouds(groups: number, perGroup: number, dimension = 8): Float32Array[] {
  let state = 1;
  const lot = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  return Array.from({ length: groups * perGroup }, (_, at) =>
    Float32Array.from({ length: dimension }, (_, axis) => (axis === at % groups ? 10 : 0) + lot()),
  );
}

/** Share of points whose nearest other point is of their own group. */
function groupedShare({ dimension1, dimension2 }: ReturnType<typeof projectVectors>, groups: number): number {
  const together = dimension1.filter((x, at) => {
    const y = dimension2[at] as number;
    let nearest = -1;
    let least = Number.POSITIVE_INFINITY;
    dimension1.forEach((otherX, other) => {
      const distance = Math.hypot(otherX - x, (dimension2[other] as number) - y);
      if (other === at || distance >= least) return;
      nearest = other;
      least = distance;
    });
    return nearest % groups === at % groups;
  });
  return together.length / dimension1.length;
}

describe.each(REDUCTION_METHODS)('a picture by %s', (method) => {
  it('shows groups as groups', () => {
    expect(groupedShare(projectVectors(clouds(3, 30), method), 3)).toBeGreaterThan(0.97);
  });

  it('is the same every time', () => {
    const vectors = clouds(2, 15);
    expect(projectVectors(vectors, method)).toEqual(projectVectors(vectors, method));
  });

  it.each([1, 2, 3, 4, 5])('can be drawn of %d vectors', (count) => {
    const { dimension1, dimension2 } = projectVectors(clouds(count, 1), method);
    expect([...dimension1, ...dimension2].filter(Number.isFinite)).toHaveLength(2 * count);
  });

  it('can be drawn of vectors that are all the same', () => {
    const same = Array.from({ length: 30 }, () => Float32Array.of(1, 2, 3));
    const { dimension1, dimension2 } = projectVectors(same, method);
    expect([...dimension1, ...dimension2].filter(Number.isFinite)).toHaveLength(60);
  });
});

describe('a vector that was not drawn itself', () => {
  const vectors = [
    Float32Array.of(0, 0),
    Float32Array.of(0, 2),
    Float32Array.of(9, 9),
    Float32Array.of(90, 0),
  ];
  const points: [number, number][] = [
    [1, 1],
    [3, 1],
    [5, 5],
    [-7, -7],
  ];

  it('stands among the vectors that it is most like', () => {
    const [x, y] = placeByNeighbours(Float32Array.of(0, 1), { vectors, points });
    expect(x).toBeGreaterThan(2);
    expect(x).toBeLessThan(2.1);
    expect(y).toBeCloseTo(1, 1);
  });

  it('stands where an equal vector stands', () => {
    expect(placeByNeighbours(Float32Array.of(90, 0), { vectors, points })).toEqual([-7, -7]);
  });
});

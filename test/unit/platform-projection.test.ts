import { describe, expect, it } from '@jest/globals';
import { REDUCTION_METHODS } from '#contracts/embeddings';
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
    expect(groupedShare(projectVectors(clouds(3, 40), method), 3)).toBeGreaterThan(0.97);
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

it('a picture of more vectors than t-SNE looks at has them among their own', () => {
  const vectors = clouds(3, 400);
  const picture = projectVectors(vectors, 'TSNE');
  expect(picture.dimension1).toHaveLength(1_200);
  expect(groupedShare(picture, 3)).toBeGreaterThan(0.97);
});

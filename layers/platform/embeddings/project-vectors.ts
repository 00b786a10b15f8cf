import { UMAP } from 'umap-js';
import type { Coordinates2d, ReductionMethod } from '#contracts/embeddings';
import { type Landmarks, placeByNeighbours } from './place-by-neighbours.ts';
import { type Point, principalPlane } from './principal-plane.ts';
import { tsne } from './tsne.ts';

/** Vectors that UMAP and t-SNE look at; about 3 s of one processor each. Others are placed among these. */
const MOST_LANDMARKS = { UMAP: 2_000, TSNE: 1_000 } as const;
const FEWEST_LANDMARKS = 200;
/** Products of vector lengths that placing all others may take: some minutes. */
const MOST_PLACING_WORK = 2e11;

/** UMAP's default. */
const NEIGHBOURS = 15;
const DECIMALS = 4;

/** Draws vectors in the plane. The same vectors give the same points. */
export function projectVectors(vectors: readonly Float32Array[], method: ReductionMethod): Coordinates2d {
  const points = pointsOf(vectors, method);
  return {
    dimension1: points.map(([x]) => rounded(x)),
    dimension2: points.map(([, y]) => rounded(y)),
  };
}

const rounded = (value: number): number => Number(value.toFixed(DECIMALS));

function pointsOf(vectors: readonly Float32Array[], method: ReductionMethod): Point[] {
  switch (method) {
    case 'PCA':
      return vectors.map(principalPlane(vectors));
    case 'UMAP':
      return withLandmarks(vectors, MOST_LANDMARKS.UMAP, umap);
    case 'TSNE':
      return withLandmarks(vectors, MOST_LANDMARKS.TSNE, tsne);
    default:
      return method satisfies never;
  }
}

function withLandmarks(
  vectors: readonly Float32Array[],
  most: number,
  draw: (vectors: readonly Float32Array[]) => Point[],
): Point[] {
  const count = landmarkCount(vectors, most);
  const indexes = Array.from({ length: count }, (_, at) => Math.floor((at * vectors.length) / count));
  const chosen = indexes.map((index) => vectors[index] as Float32Array);
  const landmarks: Landmarks = { vectors: chosen, points: draw(chosen) };
  if (count === vectors.length) return [...landmarks.points];
  return vectors.map((vector) => placeByNeighbours(vector, landmarks));
}

function landmarkCount(vectors: readonly Float32Array[], most: number): number {
  const affordable = Math.floor(MOST_PLACING_WORK / (vectors.length * (vectors[0]?.length ?? 1)));
  return Math.min(vectors.length, Math.max(FEWEST_LANDMARKS, Math.min(most, affordable)));
}

function umap(vectors: readonly Float32Array[]): Point[] {
  // It needs neighbours, and two vectors have no arrangement but one.
  if (vectors.length < 3) return vectors.map(principalPlane(vectors));
  const nNeighbors = Math.min(NEIGHBOURS, vectors.length - 1);
  const drawn = new UMAP({ nComponents: 2, nNeighbors, random: fixedLot() }).fit(
    vectors.map((vector) => Array.from(vector)),
  );
  return drawn.map(([x = 0, y = 0]) => [x, y]);
}

/** Numbers from 0 to 1 that look random and are the same every time: a linear congruential generator mod 2^32. */
function fixedLot(): () => number {
  let state = 20_260_102;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

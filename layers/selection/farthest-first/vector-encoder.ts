import { lengthOf } from '../vectors/main-directions.ts';
import { type CodeMemory, HEAD_COORDINATES } from './code-memory.ts';
import { type ReflectKernel, reflectKernel } from './reflect-kernel.ts';
import { evenlySpread, type Reflections } from './reflections.ts';
import { HEAD } from './scan-kernel.ts';

/** Length of a head in units at most: squares of differences then stay below 2^31. */
const LONGEST_HEAD = 2 ** 14;
/** Heads of the sample are at most this share of it, which leaves room for longer ones. */
const SAMPLE_SHARE = 0.8;
const LARGEST_TAIL_VALUE = 127;
/** A tail value that is more times the usual size is cut off. */
const LARGEST_TO_USUAL = 5;
/** What rounding of float64 may add, as a share of the lengths of a vector and of the mean; really below 1e-13. */
const ROUNDING = 1e-11;
/** An error is kept as float32, rounded up. */
const ROUNDED_UP = 1 + 1e-6;

/** Units to one of the vectors' own. */
export interface CodeScales {
  readonly head: number;
  readonly tail: number;
}

/** The scales that suit vectors like these. */
export function scalesFor(
  vectors: readonly Float32Array[],
  encoder: Pick<VectorEncoder, 'rotate'>,
): CodeScales {
  let longest = 0;
  let largest = 0;
  let squares = 0;
  let values = 0;
  for (const vector of evenlySpread(vectors)) {
    const rotated = encoder.rotate(vector);
    longest = Math.max(longest, lengthOf(rotated));
    for (const value of rotated.subarray(HEAD_COORDINATES, vector.length)) {
      largest = Math.max(largest, Math.abs(value));
      squares += value * value;
      values++;
    }
  }
  const range = Math.min(largest, LARGEST_TO_USUAL * Math.sqrt(squares / Math.max(1, values)));
  return {
    head: longest > 0 ? (LONGEST_HEAD * SAMPLE_SHARE) / longest : 1,
    tail: range > 0 ? LARGEST_TAIL_VALUE / range : 1,
  };
}

/**
 * Writes the codes of vectors. What rounding and cutting off change is measured for each, so a code never says more
 * than it knows: a vector that fits the scales badly has a large error, and costs more work, not a wrong answer.
 */
export class VectorEncoder {
  readonly #codes: CodeMemory;
  readonly #reflections: Reflections;
  readonly #dimension: number;
  readonly #meanLength: number;
  readonly #kernel: ReflectKernel;

  constructor(codes: CodeMemory, reflections: Reflections) {
    this.#codes = codes;
    this.#reflections = reflections;
    this.#dimension = reflections.mean.length;
    this.#meanLength = lengthOf(reflections.mean);
    this.#kernel = reflectKernel(codes.memory);
    reflections.normals.forEach((normal, at) => {
      codes.normals.set(normal, (at * codes.vectorBytes) / 8);
    });
  }

  /** The vector seen from the mean, in coordinates of which the first ones say most, zeros behind. Overwritten by the next call. */
  rotate(vector: Float32Array): Float64Array {
    const { at, vectorBytes, vector: rotated } = this.#codes;
    const { mean, normals } = this.#reflections;
    for (let axis = 0; axis < vector.length; axis++) {
      rotated[axis] = (vector[axis] as number) - (mean[axis] as number);
    }
    if (normals.length > 0) this.#kernel.reflect(at.vector, at.normals, normals.length, vectorBytes);
    return rotated;
  }

  encode(vector: Float32Array, slot: number, scales: CodeScales): void {
    const { errors, headErrors } = this.#codes;
    const rotated = this.rotate(vector);
    let restSquare = 0;
    for (let axis = HEAD_COORDINATES; axis < this.#dimension; axis++) {
      restSquare += (rotated[axis] as number) ** 2;
    }
    const rest = Math.sqrt(restSquare);
    const head = this.#encodeHead(rotated, rest, slot, scales.head);
    const tailError = this.#encodeTail(rotated, slot, scales.tail);
    const rounding = ROUNDING * (Math.sqrt(head.square) + 2 * this.#meanLength);
    headErrors[slot] = (head.error + rounding * scales.head) * ROUNDED_UP;
    errors[slot] = (Math.hypot(head.error / scales.head, tailError) + rounding) * ROUNDED_UP;
  }

  /** Error in units, square in the unit of the vectors. */
  #encodeHead(rotated: Float64Array, rest: number, slot: number, scale: number) {
    const { heads, headSquares } = this.#codes;
    const coordinates = Math.min(HEAD_COORDINATES, this.#dimension);
    let square = rest * rest;
    for (let axis = 0; axis < coordinates; axis++) square += (rotated[axis] as number) ** 2;
    const fitting = Math.min(scale, LONGEST_HEAD / Math.sqrt(square));
    let headSquare = 0;
    let errorSquare = 0;
    for (let at = 0; at < HEAD; at++) {
      const value = at === HEAD_COORDINATES ? rest : at < coordinates ? (rotated[at] as number) : 0;
      const unit = Math.round(value * fitting);
      heads[slot * HEAD + at] = unit;
      headSquare += unit * unit;
      errorSquare += (value * scale - unit) ** 2;
    }
    headSquares[slot] = headSquare;
    return { square, error: Math.sqrt(errorSquare) };
  }

  #encodeTail(rotated: Float64Array, slot: number, scale: number): number {
    const { tails, tailBytes } = this.#codes;
    const start = slot * tailBytes - HEAD_COORDINATES;
    let errorSquare = 0;
    for (let axis = HEAD_COORDINATES; axis < this.#dimension; axis++) {
      const value = (rotated[axis] as number) * scale;
      const unit = Math.max(-LARGEST_TAIL_VALUE, Math.min(LARGEST_TAIL_VALUE, Math.round(value)));
      tails[start + axis] = unit;
      errorSquare += (value - unit) ** 2;
    }
    return Math.sqrt(errorSquare) / scale;
  }
}

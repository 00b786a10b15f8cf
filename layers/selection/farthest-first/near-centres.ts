import { ABSOLUTE_SLACK, RELATIVE_SLACK } from '../vectors/distance.ts';
import { type CodeMemory, codeMemory, HEAD_COORDINATES } from './code-memory.ts';
import { reflectionsFor } from './reflections.ts';
import {
  BLOCK,
  BLOCK_BYTES,
  CENTRE_FACT_BYTES,
  HEAD,
  type ScanKernel,
  scanKernel,
  TAILS_COMPARED_AT,
} from './scan-kernel.ts';
import { type CodeScales, scalesFor, VectorEncoder } from './vector-encoder.ts';

/** Error of a head in units, where nothing is cut off: half a unit in each of 32 values, and some rounding. */
const USUAL_HEAD_ERROR = 3;

/**
 * Starting values of a centre's sum, and what sums are compared with. With heads no longer than 2^14, a sum minus its
 * starting value is between -2^28 and 2^28 and the usual starting value -2^27 or more.
 */
const ALWAYS_NEAR = 2 ** 29;
const NEVER_NEAR = -(2 ** 30);
const LOWEST_LEAST = -(2 ** 29);

/**
 * Answers which centres may be near to a vector, by their codes: most others are ruled out without a look at the
 * vectors themselves. Two vectors are no nearer than their heads, because | |x| - |y| | <= |x - y| for what the heads
 * leave out; and no nearer than the distance of their codes minus the errors of both.
 */
export class NearCentres {
  readonly #vectors: readonly Float32Array[];
  readonly #codes: CodeMemory;
  readonly #encoder: VectorEncoder;
  readonly #scales: CodeScales;
  readonly #kernel: ScanKernel;
  readonly #sums: Int32Array;
  readonly #pairs: Int16Array;
  readonly #tails: Int8Array;
  readonly #errors: Float64Array;
  readonly #lasts: Int32Array;
  readonly #tailsCompared: Int32Array;
  #count = 0;

  /**
   * @param vectors - All of the same length. Their codes have to be written before they are asked for.
   * @param capacity - How many centres there will be at most.
   */
  constructor(vectors: readonly Float32Array[], dimension: number, capacity: number) {
    this.#vectors = vectors;
    // The last slot is for vectors that are not among these.
    const codes = codeMemory({ dimension, slots: vectors.length + 1, centres: capacity });
    const { buffer } = codes.memory;
    const { at, tailBytes } = codes;
    this.#codes = codes;
    this.#sums = new Int32Array(buffer, at.blocks, (at.centreTails - at.blocks) / 4);
    this.#pairs = new Int16Array(buffer, at.blocks, (at.centreTails - at.blocks) / 2);
    this.#tails = new Int8Array(buffer, at.centreTails, at.centreFacts - at.centreTails);
    this.#errors = new Float64Array(buffer, at.centreFacts, (at.heads - at.centreFacts) / 8);
    this.#lasts = new Int32Array(buffer, at.centreFacts, (at.heads - at.centreFacts) / 4);
    this.#tailsCompared = new Int32Array(buffer, at.scratch + TAILS_COMPARED_AT, 1);
    this.#encoder = new VectorEncoder(codes, reflectionsFor(vectors, HEAD_COORDINATES));
    this.#scales = scalesFor(vectors, this.#encoder);
    const { head, tail } = this.#scales;
    this.#kernel = scanKernel(
      { ...at, tailBytes, headUnit: 1 / head ** 2, tailUnit: 1 / tail ** 2 },
      codes.memory,
    );
  }

  get count(): number {
    return this.#count;
  }

  /** Operations on tails since the last call. */
  takeWork(): number {
    const work = (this.#tailsCompared[0] as number) * this.#codes.tailBytes;
    this.#tailsCompared[0] = 0;
    return work;
  }

  /** Writes the code of a vector. */
  encode(row: number): void {
    this.#encoder.encode(this.#vectors[row] as Float32Array, row, this.#scales);
  }

  addRow(row: number): void {
    const codes = this.#codes;
    const centre = this.#count++;
    const block = Math.floor(centre / BLOCK);
    const lane = centre % BLOCK;
    if (lane === 0) this.#sums.fill(NEVER_NEAR, (block * BLOCK_BYTES) / 4, (block * BLOCK_BYTES) / 4 + BLOCK);
    const isUsual = (codes.headErrors[row] as number) <= USUAL_HEAD_ERROR;
    // -|c|²/2, so that with the dot product it says how near the heads are.
    this.#sums[(block * BLOCK_BYTES) / 4 + lane] = isUsual
      ? -((codes.headSquares[row] as number) >> 1)
      : ALWAYS_NEAR;
    for (let at = 0; at < HEAD; at++) {
      const pair = (block * BLOCK_BYTES) / 2 + BLOCK * 2 + ((at >> 1) * BLOCK + lane) * 2;
      this.#pairs[pair + (at & 1)] = codes.heads[row * HEAD + at] as number;
    }
    const { tailBytes } = codes;
    this.#tails.set(codes.tails.subarray(row * tailBytes, (row + 1) * tailBytes), centre * tailBytes);
    this.#errors[(centre * CENTRE_FACT_BYTES) / 8] = codes.errors[row] as number;
    this.#lasts[(centre * CENTRE_FACT_BYTES) / 4 + 2] = codes.heads[row * HEAD + HEAD_COORDINATES] as number;
  }

  /** Adds a vector that is not among those given. */
  addVector(vector: Float32Array): void {
    const slot = this.#vectors.length;
    this.#encoder.encode(vector, slot, this.#scales);
    this.addRow(slot);
  }

  /** The first centre from `from` on that may be nearer to a vector than `distance`; -1 where there is none. */
  next(row: number, from: number, distance: number): number {
    if (from >= this.#count) return -1;
    const { at, tailBytes, headSquares, headErrors, errors } = this.#codes;
    const limit = distance * RELATIVE_SLACK + ABSOLUTE_SLACK;
    const headLimit = limit * this.#scales.head + (headErrors[row] as number) + USUAL_HEAD_ERROR;
    const headSquare = headSquares[row] as number;
    const least = Math.max(LOWEST_LEAST, Math.floor((headSquare - headLimit * headLimit) / 2) - 1);
    return this.#kernel.scan(
      at.heads + row * HEAD * 2,
      at.tails + row * tailBytes,
      headSquare,
      from,
      at.blocks + Math.ceil(this.#count / BLOCK) * BLOCK_BYTES,
      least,
      limit + (errors[row] as number),
    );
  }
}

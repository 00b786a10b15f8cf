import { REFLECT_STEP } from './reflect-kernel.ts';
import { BLOCK, BLOCK_BYTES, CENTRE_FACT_BYTES, HEAD, SCRATCH_BYTES } from './scan-kernel.ts';
import { LARGEST_MEMORY, type WasmMemory, wasmMemory } from './wasm-module.ts';

/** Coordinates that a head holds; its last value is the length of the rest. */
export const HEAD_COORDINATES = HEAD - 1;

/** How many of what there are. */
export interface CodeCounts {
  /** Values of a vector. */
  readonly dimension: number;
  /** Vectors that have a code at the same time. */
  readonly slots: number;
  /** Centres at most. */
  readonly centres: number;
}

/** Addresses of the parts, in bytes. What the kernel compares addresses of comes first: it takes them for signed. */
export interface CodeAddresses {
  readonly scratch: number;
  /** One vector in float64, padded. */
  readonly vector: number;
  readonly normals: number;
  readonly blocks: number;
  readonly centreTails: number;
  readonly centreFacts: number;
  readonly heads: number;
  readonly tails: number;
  readonly end: number;
}

/**
 * Codes of vectors, in memory that the kernel works on. A code is a head of 32 values of 16 bits and a tail of 8 bits
 * each; codes of centres are there a second time, in the order in which a scan reads them.
 */
export interface CodeMemory {
  readonly memory: WasmMemory;
  readonly at: CodeAddresses;
  /** Bytes of one vector in float64, padded to what the kernel takes at a time. */
  readonly vectorBytes: number;
  readonly tailBytes: number;
  readonly vector: Float64Array;
  readonly normals: Float64Array;
  readonly heads: Int16Array;
  readonly tails: Int8Array;
  /** Per slot: squared length of the head, in units. */
  readonly headSquares: Int32Array;
  /** Per slot: how far the head is from what it stands for at most, in units. */
  readonly headErrors: Float32Array;
  /** Per slot: the same of the whole code, in the unit of the vectors. */
  readonly errors: Float32Array;
}

const upTo = (multiple: number, value: number): number => Math.ceil(value / multiple) * multiple;

const vectorBytesOf = (dimension: number): number => upTo(REFLECT_STEP, Math.max(1, dimension) * 8);
const tailBytesOf = (dimension: number): number => upTo(16, Math.max(0, dimension - HEAD_COORDINATES));

/** Whether so many codes can be held at a time. */
export const isHoldable = (counts: CodeCounts): boolean => addressesOf(counts).end <= LARGEST_MEMORY;

export function codeMemory(counts: CodeCounts): CodeMemory {
  const { dimension, slots } = counts;
  const at = addressesOf(counts);
  const memory = wasmMemory(at.end);
  const vectorBytes = vectorBytesOf(dimension);
  const tailBytes = tailBytesOf(dimension);
  return {
    memory,
    at,
    vectorBytes,
    tailBytes,
    vector: new Float64Array(memory.buffer, at.vector, vectorBytes / 8),
    normals: new Float64Array(memory.buffer, at.normals, (HEAD_COORDINATES * vectorBytes) / 8),
    heads: new Int16Array(memory.buffer, at.heads, slots * HEAD),
    tails: new Int8Array(memory.buffer, at.tails, slots * tailBytes),
    headSquares: new Int32Array(slots),
    headErrors: new Float32Array(slots),
    errors: new Float32Array(slots),
  };
}

function addressesOf({ dimension, slots, centres }: CodeCounts): CodeAddresses {
  const vectorBytes = vectorBytesOf(dimension);
  const tailBytes = tailBytesOf(dimension);
  const blocks = Math.ceil(centres / BLOCK);
  let end = 0;
  const next = (bytes: number): number => {
    const start = end;
    end += upTo(64, bytes);
    return start;
  };
  return {
    scratch: next(SCRATCH_BYTES),
    vector: next(vectorBytes),
    normals: next(HEAD_COORDINATES * vectorBytes),
    blocks: next(blocks * BLOCK_BYTES),
    centreTails: next(blocks * BLOCK * tailBytes),
    centreFacts: next(blocks * BLOCK * CENTRE_FACT_BYTES),
    heads: next(slots * HEAD * 2),
    tails: next(slots * tailBytes),
    end,
  };
}

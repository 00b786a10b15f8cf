/**
 * As much of WebAssembly's binary format as two functions need (WebAssembly core specification 2.0, chapter 5). An
 * instruction is a function of the code that leaves its operands on the stack, so that a program reads like the formula.
 */
export type Code = readonly number[];

export type ValueType = 'i32' | 'f64' | 'v128';

export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly result?: ValueType;
  readonly locals: readonly ValueType[];
  readonly body: Code;
}

const TYPE_BYTES: Readonly<Record<ValueType, number>> = { i32: 0x7f, f64: 0x7c, v128: 0x7b };
const END = 0x0b;
const NO_RESULT = 0x40;

/** The bytes of a module that imports its memory as `memory.memory` and exports the functions by name. */
function wasmModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters, result }) => [
    0x60,
    ...vector(parameters.map((type) => [TYPE_BYTES[type]])),
    ...vector(result === undefined ? [] : [[TYPE_BYTES[result]]]),
  ]);
  const bodies = functions.map(({ locals, body }) => {
    const code = [...vector(locals.map((type) => [1, TYPE_BYTES[type]])), ...body, END];
    return [...unsigned(code.length), ...code];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, types),
    ...section(2, [[...text('memory'), ...text('memory'), 0x02, 0x00, 0x01]]),
    ...section(
      3,
      functions.map((_, index) => unsigned(index)),
    ),
    ...section(
      7,
      functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]),
    ),
    ...section(10, bodies),
  ]);
}

function section(id: number, items: readonly Code[]): Code {
  const content = vector(items);
  return [id, ...unsigned(content.length), ...content];
}

const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const text = (name: string): Code => vector([...Buffer.from(name)].map((byte) => [byte]));

/** LEB128 of a number from 0 to below 2^32. */
function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return [...bytes, rest];
}

/** LEB128 of a 32-bit integer with sign. */
function signed(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  while (rest < -64 || rest > 63) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  return [...bytes, rest & 0x7f];
}

const plain =
  (opcode: number) =>
  (...operands: readonly Code[]): Code => [...operands.flat(), opcode];
const simd =
  (opcode: number) =>
  (...operands: readonly Code[]): Code => [...operands.flat(), 0xfd, ...unsigned(opcode)];
/** Access to memory at an address plus a constant; no promise of alignment. */
const access =
  (opcode: Code) =>
  (address: Code, offset: number, ...value: readonly Code[]): Code => [
    ...[address, ...value].flat(),
    ...opcode,
    ...[0, ...unsigned(offset)],
  ];
const simdAccess = (opcode: number) => access([0xfd, opcode]);

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];

export const loop = (...body: readonly Code[]): Code => [0x03, NO_RESULT, ...body.flat(), END];
export const when = (condition: Code, ...body: readonly Code[]): Code => [
  ...condition,
  ...[0x04, NO_RESULT],
  ...body.flat(),
  END,
];
/** Goes on with the loop (or ends the `when`) that encloses it at this depth, 0 being the nearest. */
export const continueIf = (condition: Code, depth = 0): Code => [...condition, 0x0d, depth];
export const give = (value: Code): Code => [...value, 0x0f];

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  load: access([0x28]),
  load16: access([0x2e]),
  store: access([0x36]),
  lessThan: plain(0x48),
  countTrailingZeros: plain(0x68),
  add: plain(0x6a),
  subtract: plain(0x6b),
  multiply: plain(0x6c),
  and: plain(0x71),
  or: plain(0x72),
  shiftLeft: plain(0x74),
  shiftRight: plain(0x76),
};

export const f64 = {
  const: (value: number): Code => [0x44, ...new Uint8Array(Float64Array.of(value).buffer)],
  load: access([0x2b]),
  lessOrEqual: plain(0x65),
  add: plain(0xa0),
  multiply: plain(0xa2),
  fromInteger: plain(0xb7),
};

export const v128 = {
  load: simdAccess(0x00),
  /** Eight signed bytes as eight 16-bit integers. */
  loadBytes: simdAccess(0x01),
  /** Four times the same 32 bits. */
  loadRepeated: simdAccess(0x09),
  store: simdAccess(0x0b),
  zero: [0xfd, 0x0c, ...new Array<number>(16).fill(0)] as Code,
  or: simd(0x50),
  isAnyTrue: simd(0x53),
};

export const i16x8 = { subtract: simd(0x91) };

export const i32x4 = {
  repeated: simd(0x11),
  lane: (vectors: Code, lane: number): Code => [...vectors, 0xfd, 0x1b, lane],
  greaterOrEqual: simd(0x3f),
  bitmask: simd(0xa4),
  add: simd(0xae),
  /** Products of eight pairs of 16-bit integers, added two by two. */
  dot: simd(0xba),
};

export const f64x2 = {
  repeated: simd(0x14),
  lane: (vectors: Code, lane: number): Code => [...vectors, 0xfd, 0x21, lane],
  add: simd(0xf0),
  subtract: simd(0xf1),
  multiply: simd(0xf2),
};

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** What of the global `WebAssembly` is used: no type library of this project's declares it. */
declare const WebAssembly: {
  Memory: new (limits: { initial: number }) => WasmMemory;
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (module: object, imports: object) => { exports: unknown };
};

const PAGE = 65_536;
/** WebAssembly addresses have 32 bits. */
export const LARGEST_MEMORY = 2 ** 32;

/** Memory of at least so many bytes, all zero. */
export const wasmMemory = (bytes: number): WasmMemory =>
  new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });

/** The exported functions of a module that works on `memory`. */
export function instantiate<F>(functions: readonly WasmFunction[], memory: WasmMemory): F {
  const module = new WebAssembly.Module(wasmModule(functions));
  return new WebAssembly.Instance(module, { memory: { memory } }).exports as F;
}

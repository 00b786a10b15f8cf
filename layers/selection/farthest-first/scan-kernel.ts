import {
  type Code,
  continueIf,
  f64,
  get,
  give,
  i16x8,
  i32,
  i32x4,
  instantiate,
  loop,
  set,
  v128,
  type WasmFunction,
  type WasmMemory,
  when,
} from './wasm-module.ts';

/** Values of a head, which then fills one line of a cache. */
export const HEAD = 32;
/** Centres that are compared at a time. */
export const BLOCK = 8;
/** Bytes of a block: the starting values of the sums, then for each pair of head values those of all eight centres. */
export const BLOCK_BYTES = BLOCK * 4 + HEAD * BLOCK * 2;

/** Where things are in memory, in bytes, and the scales of what is there. */
export interface ScanLayout {
  /** {@link SCRATCH_BYTES} for the kernel. */
  readonly scratch: number;
  readonly blocks: number;
  readonly centreTails: number;
  /** Per centre 16 bytes: bound of its error (float64), last value of its head (int32), nothing. */
  readonly centreFacts: number;
  /** A multiple of 16; bytes of a tail. */
  readonly tailBytes: number;
  /** What a squared unit of a head and of a tail is worth. */
  readonly headUnit: number;
  readonly tailUnit: number;
}

export const CENTRE_FACT_BYTES = 16;
export const SCRATCH_BYTES = 48;
/** Where in the scratch memory the kernel counts the tails that it has compared (int32). */
export const TAILS_COMPARED_AT = 32;

export interface ScanKernel {
  /**
   * The first centre that may be near enough to a vector, or -1.
   *
   * @param head, tail - Addresses of the vector's.
   * @param headSquare - Squared length of its head, in units.
   * @param from - The first centre to look at.
   * @param end - Address of the end of the blocks to look at, which are not none.
   * @param least - A centre whose starting value plus dot product of heads is less is not near.
   * @param root - Distance up to which a centre is near, plus the bound of the vector's error.
   */
  scan(
    head: number,
    tail: number,
    headSquare: number,
    from: number,
    end: number,
    least: number,
    root: number,
  ): number;
}

/** Compiled for one layout: what is constant in it is constant in the code. */
export const scanKernel = (layout: ScanLayout, memory: WasmMemory): ScanKernel =>
  instantiate<ScanKernel>([scanFunction(layout)], memory);

const HEAD_AT = 0;
const TAIL_AT = 1;
const HEAD_SQUARE = 2;
const FROM = 3;
const END = 4;
const LEAST = 5;
const ROOT = 6;
const BLOCK_AT = 7;
const FIRST_OF_BLOCK = 8;
const NEAR = 9;
const CENTRE = 10;
const VALUE = 11;
const CENTRE_TAIL = 12;
const SUM_LOW = 13;
const SUM_HIGH = 14;
const LEAST_REPEATED = 15;
const PAIR = 16;
const DIFFERENCE = 17;
const LIMIT = 18;

function scanFunction(layout: ScanLayout): WasmFunction {
  return {
    name: 'scan',
    parameters: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'f64'],
    result: 'i32',
    locals: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'v128', 'v128', 'v128', 'v128', 'v128', 'f64'],
    body: [
      ...set(LEAST_REPEATED, i32x4.repeated(get(LEAST))),
      ...set(FIRST_OF_BLOCK, i32.and(get(FROM), i32.const(-BLOCK))),
      ...set(
        BLOCK_AT,
        i32.add(
          i32.multiply(i32.shiftRight(get(FROM), i32.const(3)), i32.const(BLOCK_BYTES)),
          i32.const(layout.blocks),
        ),
      ),
      ...loop(
        sumsOfBlock(),
        when(
          v128.isAnyTrue(v128.or(isNear(SUM_LOW), isNear(SUM_HIGH))),
          set(
            NEAR,
            i32.or(
              i32x4.bitmask(isNear(SUM_LOW)),
              i32.shiftLeft(i32x4.bitmask(isNear(SUM_HIGH)), i32.const(4)),
            ),
          ),
          withoutThoseBefore(),
          when(get(NEAR), lookAtNearOnes(layout)),
        ),
        set(FIRST_OF_BLOCK, i32.add(get(FIRST_OF_BLOCK), i32.const(BLOCK))),
        set(BLOCK_AT, i32.add(get(BLOCK_AT), i32.const(BLOCK_BYTES))),
        continueIf(i32.lessThan(get(BLOCK_AT), get(END))),
      ),
      ...i32.const(-1),
    ],
  };
}

const isNear = (sums: number): Code => i32x4.greaterOrEqual(get(sums), get(LEAST_REPEATED));

/** Starting value plus dot product of heads, for all eight centres of the block. */
function sumsOfBlock(): Code {
  const pairs = Array.from({ length: HEAD / 2 }, (_, pair) => {
    const at = BLOCK * 4 + pair * BLOCK * 4;
    return [
      ...set(PAIR, v128.loadRepeated(get(HEAD_AT), pair * 4)),
      ...set(SUM_LOW, i32x4.add(get(SUM_LOW), i32x4.dot(v128.load(get(BLOCK_AT), at), get(PAIR)))),
      ...set(SUM_HIGH, i32x4.add(get(SUM_HIGH), i32x4.dot(v128.load(get(BLOCK_AT), at + 16), get(PAIR)))),
    ];
  });
  return [
    ...set(SUM_LOW, v128.load(get(BLOCK_AT), 0)),
    ...set(SUM_HIGH, v128.load(get(BLOCK_AT), 16)),
    ...pairs.flat(),
  ];
}

/** A block that holds the first centre to look at may hold some before it. */
const withoutThoseBefore = (): Code =>
  when(
    i32.lessThan(get(FIRST_OF_BLOCK), get(FROM)),
    set(NEAR, i32.and(get(NEAR), i32.shiftLeft(i32.const(-1), i32.subtract(get(FROM), get(FIRST_OF_BLOCK))))),
  );

/** Of the centres that the heads leave, gives the first that the tails leave too. */
function lookAtNearOnes(layout: ScanLayout): Code {
  const factsAt = i32.multiply(get(CENTRE), i32.const(CENTRE_FACT_BYTES));
  return [
    ...v128.store(i32.const(layout.scratch), 0, get(SUM_LOW)),
    ...v128.store(i32.const(layout.scratch), 16, get(SUM_HIGH)),
    ...loop(
      set(VALUE, i32.countTrailingZeros(get(NEAR))),
      set(NEAR, i32.and(get(NEAR), i32.subtract(get(NEAR), i32.const(1)))),
      set(CENTRE, i32.add(get(FIRST_OF_BLOCK), get(VALUE))),
      squareOfHeads(layout),
      sumOfTails(layout),
      countTail(layout),
      set(LIMIT, f64.add(get(ROOT), f64.load(factsAt, layout.centreFacts))),
      when(
        f64.lessOrEqual(
          f64.add(
            f64.multiply(f64.fromInteger(get(VALUE)), f64.const(layout.headUnit)),
            f64.multiply(f64.fromInteger(sumOfLanes(SUM_LOW)), f64.const(layout.tailUnit)),
          ),
          f64.multiply(get(LIMIT), get(LIMIT)),
        ),
        give(get(CENTRE)),
      ),
      continueIf(get(NEAR)),
    ),
  ];
}

/** |x|² + |c|² - 2 x·c of the heads, without their last values, which stand for the tails. */
function squareOfHeads({ scratch, centreFacts }: ScanLayout): Code {
  const sum = i32.load(i32.shiftLeft(get(VALUE), i32.const(2)), scratch);
  const lastOfCentre = i32.load(i32.multiply(get(CENTRE), i32.const(CENTRE_FACT_BYTES)), centreFacts + 8);
  return [
    ...set(VALUE, i32.subtract(get(HEAD_SQUARE), i32.shiftLeft(sum, i32.const(1)))),
    ...set(CENTRE_TAIL, i32.subtract(i32.load16(get(HEAD_AT), HEAD * 2 - 2), lastOfCentre)),
    ...set(VALUE, i32.subtract(get(VALUE), i32.multiply(get(CENTRE_TAIL), get(CENTRE_TAIL)))),
  ];
}

/** Squared differences of the tails. */
function sumOfTails({ tailBytes, centreTails }: ScanLayout): Code {
  const parts = Array.from({ length: tailBytes / 8 }, (_, part) => [
    ...set(
      DIFFERENCE,
      i16x8.subtract(
        v128.loadBytes(get(TAIL_AT), part * 8),
        v128.loadBytes(get(CENTRE_TAIL), centreTails + part * 8),
      ),
    ),
    ...set(
      part % 2 === 0 ? SUM_LOW : SUM_HIGH,
      i32x4.add(get(part % 2 === 0 ? SUM_LOW : SUM_HIGH), i32x4.dot(get(DIFFERENCE), get(DIFFERENCE))),
    ),
  ]);
  return [
    ...set(CENTRE_TAIL, i32.multiply(get(CENTRE), i32.const(tailBytes))),
    ...set(SUM_LOW, v128.zero),
    ...set(SUM_HIGH, v128.zero),
    ...parts.flat(),
    ...set(SUM_LOW, i32x4.add(get(SUM_LOW), get(SUM_HIGH))),
  ];
}

const countTail = ({ scratch }: ScanLayout): Code =>
  i32.store(
    i32.const(scratch),
    TAILS_COMPARED_AT,
    i32.add(i32.load(i32.const(scratch), TAILS_COMPARED_AT), i32.const(1)),
  );

const sumOfLanes = (sums: number): Code =>
  [1, 2, 3].reduce<Code>((sum, lane) => i32.add(sum, i32x4.lane(get(sums), lane)), i32x4.lane(get(sums), 0));

import {
  continueIf,
  f64,
  f64x2,
  get,
  i32,
  instantiate,
  loop,
  set,
  v128,
  type WasmFunction,
  type WasmMemory,
} from './wasm-module.ts';

/** Bytes that are handled at a time: twice two values, because an addition has to wait for the one before it. */
export const REFLECT_STEP = 32;

export interface ReflectKernel {
  /**
   * Reflects a vector of float64 in place at the planes perpendicular to unit vectors, one after the other.
   *
   * @param vector, normals - Addresses.
   * @param count - How many unit vectors: 1 or more.
   * @param length - Bytes of a vector, a multiple of {@link REFLECT_STEP} and not 0.
   */
  reflect(vector: number, normals: number, count: number, length: number): void;
}

export const reflectKernel = (memory: WasmMemory): ReflectKernel =>
  instantiate<ReflectKernel>([reflectFunction()], memory);

/** y - 2 (v·y) v for each of the unit vectors v. */
function reflectFunction(): WasmFunction {
  const [vector, normals, count, length, at, even, odd, factor] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
  const ofVector = i32.add(get(vector), get(at));
  const ofNormal = i32.add(get(normals), get(at));
  const product = (offset: number) =>
    f64x2.multiply(v128.load(ofVector, offset), v128.load(ofNormal, offset));
  const reflected = (offset: number) =>
    f64x2.subtract(v128.load(ofVector, offset), f64x2.multiply(get(factor), v128.load(ofNormal, offset)));
  const next = [
    ...set(at, i32.add(get(at), i32.const(REFLECT_STEP))),
    ...continueIf(i32.lessThan(get(at), get(length))),
  ];
  return {
    name: 'reflect',
    parameters: ['i32', 'i32', 'i32', 'i32'],
    locals: ['i32', 'v128', 'v128', 'v128'],
    body: loop(
      set(even, v128.zero),
      set(odd, v128.zero),
      set(at, i32.const(0)),
      loop(set(even, f64x2.add(get(even), product(0))), set(odd, f64x2.add(get(odd), product(16))), next),
      set(even, f64x2.add(get(even), get(odd))),
      set(factor, f64x2.repeated(f64.add(f64x2.lane(get(even), 0), f64x2.lane(get(even), 1)))),
      set(factor, f64x2.add(get(factor), get(factor))),
      set(at, i32.const(0)),
      loop(v128.store(ofVector, 0, reflected(0)), v128.store(ofVector, 16, reflected(16)), next),
      set(normals, i32.add(get(normals), get(length))),
      set(count, i32.subtract(get(count), i32.const(1))),
      continueIf(get(count)),
    ),
  };
}

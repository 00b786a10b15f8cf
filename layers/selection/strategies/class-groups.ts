import type { ClassMasses } from '../inputs/class-masses.ts';
import type { TargetShares } from './target-shares.ts';

/** Masses by position of the class, without classes that there is nothing of. */
export interface ClassVector {
  readonly classes: Uint32Array;
  readonly masses: Float64Array;
  /** Sum of the masses. */
  readonly total: number;
}

/** Images of which the classes say the same. */
export interface ClassGroups {
  /** One per group. */
  readonly vectors: readonly ClassVector[];
  /** Per image the position of its group. */
  readonly groupOf: Uint32Array;
}

/** Puts images together that have the same masses: of a categorical value there are few groups, however many images. */
export function classGroups(images: readonly ClassMasses[], target: TargetShares): ClassGroups {
  const groups = new Map<string, number>();
  const vectors: ClassVector[] = [];
  const groupOf = Uint32Array.from(images, (masses) => {
    const vector = classVector(masses, target);
    const key = `${vector.classes}|${vector.masses}`;
    const known = groups.get(key);
    if (known !== undefined) return known;
    groups.set(key, vectors.length);
    return vectors.push(vector) - 1;
  });
  return { vectors, groupOf };
}

/** What target classes an image has, in order of the classes. */
export function classVector(masses: ClassMasses, { classOf }: TargetShares): ClassVector {
  const byClass = new Map<number, number>();
  for (const [name, mass] of masses) {
    const position = classOf(name);
    if (position !== undefined) byClass.set(position, (byClass.get(position) ?? 0) + mass);
  }
  const entries = [...byClass].sort(([a], [b]) => a - b);
  return {
    classes: Uint32Array.from(entries, ([position]) => position),
    masses: Float64Array.from(entries, ([, mass]) => mass),
    total: entries.reduce((sum, [, mass]) => sum + mass, 0),
  };
}

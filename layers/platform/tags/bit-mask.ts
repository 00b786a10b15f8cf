/** Bit masks of tags: `0x` and hex, the least significant bit is sample index 0. */

/** The mask of the indexes from `from` (inclusive) to `to` (exclusive). */
export function maskOfRange(from: number, to: number): string {
  const digits = new Array<string>(Math.max(1, Math.ceil(to / 4)));
  for (let digit = 0; digit < digits.length; digit++) {
    let value = 0;
    for (let bit = 0; bit < 4; bit++) {
      const index = digit * 4 + bit;
      if (index >= from && index < to) value |= 1 << bit;
    }
    digits[digits.length - 1 - digit] = value.toString(16);
  }
  return `0x${digits.join('')}`;
}

/** The indexes whose bit is set, ascending. */
export function* indexesOfMask(mask: string): Generator<number> {
  for (let digit = mask.length - 1, base = 0; digit >= 2; digit--, base += 4) {
    const value = Number.parseInt(mask.charAt(digit), 16);
    for (let bit = 0; bit < 4; bit++) if (value & (1 << bit)) yield base + bit;
  }
}

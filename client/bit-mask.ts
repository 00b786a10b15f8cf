const BITS = 32;
const HEX_DIGITS = BITS / 4;

/**
 * A set of sample indices, as tags have it: the lowest bit is the sample with index 0. Grows as it is needed. Joining
 * two masks makes a new one.
 */
export class BitMask {
  #words: Uint32Array;

  private constructor(words: Uint32Array) {
    this.#words = words;
  }

  /** `bitMaskData` of a tag: `0x` and hexadecimal digits. */
  static fromHex(hex: string): BitMask {
    if (!/^0x[0-9a-f]+$/i.test(hex)) {
      throw new RangeError("A bit mask is written as '0x' and hexadecimal digits.");
    }
    const words = new Uint32Array(Math.ceil((hex.length - 2) / HEX_DIGITS));
    for (let word = 0; word < words.length; word++) {
      const end = hex.length - word * HEX_DIGITS;
      words[word] = Number.parseInt(hex.slice(Math.max(2, end - HEX_DIGITS), end), 16);
    }
    return new BitMask(words);
  }

  static fromIndices(indices: Iterable<number>): BitMask {
    const mask = new BitMask(new Uint32Array(0));
    for (const index of indices) mask.setKthBit(index);
    return mask;
  }

  /** The first `length` samples. */
  static fromLength(length: number): BitMask {
    return new BitMask(new Uint32Array(0)).invert(length);
  }

  toHex(): string {
    let last = this.#words.length - 1;
    while (last > 0 && this.#words[last] === 0) last--;
    let hex = (this.#words[last] ?? 0).toString(16);
    for (let word = last - 1; word >= 0; word--) {
      hex += (this.#words[word] as number).toString(16).padStart(HEX_DIGITS, '0');
    }
    return `0x${hex}`;
  }

  /** In ascending order. */
  toIndices(): number[] {
    const indices: number[] = [];
    for (let word = 0; word < this.#words.length; word++) {
      for (let bits = this.#words[word] as number; bits !== 0; bits &= bits - 1) {
        indices.push(word * BITS + lowestBit(bits));
      }
    }
    return indices;
  }

  /** How many samples it holds. */
  get count(): number {
    let count = 0;
    for (const word of this.#words) for (let bits = word; bits !== 0; bits &= bits - 1) count++;
    return count;
  }

  union(other: BitMask): BitMask {
    return this.#combine(other, (mine, others) => mine | others);
  }

  intersection(other: BitMask): BitMask {
    return this.#combine(other, (mine, others) => mine & others);
  }

  /** What is in this mask and not in the other. */
  difference(other: BitMask): BitMask {
    return this.#combine(other, (mine, others) => mine & ~others);
  }

  /** Those of the first `length` samples that are not in this mask. */
  invert(length: number): BitMask {
    const words = new Uint32Array(Math.ceil(length / BITS));
    for (let word = 0; word < words.length; word++) words[word] = ~(this.#words[word] ?? 0);
    if (length % BITS > 0) words[words.length - 1] = (words.at(-1) as number) & (2 ** (length % BITS) - 1);
    return new BitMask(words);
  }

  equals(other: BitMask): boolean {
    const length = Math.max(this.#words.length, other.#words.length);
    for (let word = 0; word < length; word++) {
      if ((this.#words[word] ?? 0) !== (other.#words[word] ?? 0)) return false;
    }
    return true;
  }

  /**
   * The entries of a list in the dataset's order that this mask holds.
   * @throws RangeError where the list is too short for the mask
   */
  select<Entry>(list: readonly Entry[]): Entry[] {
    const indices = this.toIndices();
    const last = indices.at(-1) ?? -1;
    if (last >= list.length) {
      throw new RangeError(
        `The mask holds the sample with index ${last}; the list has ${list.length} entries.`,
      );
    }
    return indices.map((index) => list[index] as Entry);
  }

  getKthBit(index: number): boolean {
    return (((this.#words[Math.floor(index / BITS)] ?? 0) >>> (index % BITS)) & 1) === 1;
  }

  setKthBit(index: number): void {
    if (!Number.isSafeInteger(index) || index < 0) throw new RangeError(`${index} is no index of a sample.`);
    const word = Math.floor(index / BITS);
    if (word >= this.#words.length) {
      const grown = new Uint32Array(Math.max(word + 1, this.#words.length * 2));
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#words[word] = (this.#words[word] as number) | (1 << (index % BITS));
  }

  unsetKthBit(index: number): void {
    const word = Math.floor(index / BITS);
    if (word < this.#words.length) this.#words[word] = (this.#words[word] as number) & ~(1 << (index % BITS));
  }

  #combine(other: BitMask, operation: (mine: number, others: number) => number): BitMask {
    const words = new Uint32Array(Math.max(this.#words.length, other.#words.length));
    for (let word = 0; word < words.length; word++) {
      words[word] = operation(this.#words[word] ?? 0, other.#words[word] ?? 0);
    }
    return new BitMask(words);
  }
}

const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);

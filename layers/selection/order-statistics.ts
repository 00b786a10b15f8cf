/**
 * Numbers that are removed one by one, with sums of the smallest and the largest of those that are left: a Fenwick
 * tree over their ranks (Fenwick 1994, "A new data structure for cumulative frequency tables"). Each operation takes
 * time proportional to the logarithm of how many there were.
 */
export class OrderStatistics {
  readonly #values: Float64Array;
  /** By position: how many values are smaller, of equal ones those at smaller positions. */
  readonly #rankOf: Uint32Array;
  readonly #counts: Int32Array;
  readonly #sums: Float64Array;
  readonly #highestBit: number;
  #count = 0;

  constructor(values: Float64Array) {
    const size = values.length;
    const order = Uint32Array.from(values.keys()).sort(
      (a, b) => (values[a] as number) - (values[b] as number) || a - b,
    );
    this.#values = values;
    this.#rankOf = new Uint32Array(size);
    this.#counts = new Int32Array(size + 1);
    this.#sums = new Float64Array(size + 1);
    this.#highestBit = 2 ** Math.floor(Math.log2(Math.max(1, size)));
    order.forEach((position, rank) => {
      this.#rankOf[position] = rank;
      this.#add(rank, 1, values[position] as number);
    });
  }

  /** How many are left. */
  get count(): number {
    return this.#count;
  }

  /** Takes the value at a position out; it must still be in. */
  remove(position: number): void {
    this.#add(this.#rankOf[position] as number, -1, -(this.#values[position] as number));
  }

  sumOfSmallest(howMany: number): number {
    let node = 0;
    let left = howMany;
    let sum = 0;
    for (let bit = this.#highestBit; bit > 0; bit >>>= 1) {
      const next = node + bit;
      if (next >= this.#counts.length || (this.#counts[next] as number) > left) continue;
      node = next;
      left -= this.#counts[next] as number;
      sum += this.#sums[next] as number;
    }
    return sum;
  }

  sumOfLargest(howMany: number): number {
    return this.sumOfSmallest(this.#count) - this.sumOfSmallest(this.#count - howMany);
  }

  #add(rank: number, count: number, value: number): void {
    this.#count += count;
    for (let node = rank + 1; node < this.#counts.length; node += node & -node) {
      this.#counts[node] = (this.#counts[node] as number) + count;
      this.#sums[node] = (this.#sums[node] as number) + value;
    }
  }
}

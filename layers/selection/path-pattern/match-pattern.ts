import type { CompiledPattern } from './parse-pattern.ts';
import type { Fragment } from './program.ts';

const NOT_SET = -1;

/**
 * Finds the first match of a pattern, of several at one place the one that backtracking would find first. Each pair of
 * instruction and place is visited once: what has led to nothing before leads to nothing again. So a match takes at
 * most instructions × characters steps (as RE2's bit-state matcher), where plain backtracking can take forever.
 */
export class PatternMatcher {
  /** Steps taken so far by all calls. */
  steps = 0;
  readonly #program: Fragment;
  readonly #groups: readonly string[];
  /** Per instruction and place the number of the call that was there last. */
  #visited = new Int32Array(0);
  #call = 0;

  constructor({ program, groups }: CompiledPattern) {
    this.#program = program;
    this.#groups = groups;
  }

  /** The texts of the named groups that take part in the match; undefined where the pattern does not match. */
  match(text: string): Map<string, string> | undefined {
    const needed = (this.#program.length + 1) * (text.length + 1);
    if (this.#visited.length < needed) this.#visited = new Int32Array(needed);
    if (this.#call >= 0x7fff_fffe) this.#visited.fill(0);
    this.#call = this.#call >= 0x7fff_fffe ? 1 : this.#call + 1;
    for (let start = 0; start <= text.length; start++) {
      const slots = this.#matchFrom(text, start);
      if (slots) return this.#textsOf(text, slots);
    }
    return undefined;
  }

  /** Where groups begin and end. */
  #matchFrom(text: string, start: number): Int32Array | undefined {
    const slots = new Int32Array(2 * this.#groups.length).fill(NOT_SET);
    /** What is left to try: pairs of instruction and place, and, as ~slot, what to set a slot back to. */
    const pending: number[] = [0, start];
    while (pending.length > 0) {
      const place = pending.pop() as number;
      const at = pending.pop() as number;
      if (at < 0) slots[~at] = place;
      else if (this.#follow(text, at, place, slots, pending)) return slots;
    }
    return undefined;
  }

  /** True where the end of the program is reached. */
  #follow(text: string, start: number, from: number, slots: Int32Array, pending: number[]): boolean {
    let at = start;
    let place = from;
    while (this.#visit(at, place, text.length)) {
      const instruction = this.#program[at];
      if (instruction === undefined) return true;
      switch (instruction.op) {
        case 'unit':
          if (place >= text.length || !instruction.matches(text.charCodeAt(place))) return false;
          place++;
          at++;
          break;
        case 'assert':
          if (!instruction.holds(text, place)) return false;
          at++;
          break;
        case 'save':
          pending.push(~instruction.slot, slots[instruction.slot] as number);
          slots[instruction.slot] = place;
          at++;
          break;
        case 'jump':
          at += instruction.offset;
          break;
        case 'split':
          pending.push(at + instruction.other, place);
          at += instruction.preferred;
          break;
        default:
          return instruction satisfies never;
      }
    }
    return false;
  }

  /** False where this call has been there before. */
  #visit(at: number, place: number, length: number): boolean {
    this.steps++;
    const visit = at * (length + 1) + place;
    if (this.#visited[visit] === this.#call) return false;
    this.#visited[visit] = this.#call;
    return true;
  }

  #textsOf(text: string, slots: Int32Array): Map<string, string> {
    const texts = new Map<string, string>();
    this.#groups.forEach((name, group) => {
      const [start, end] = [slots[2 * group] as number, slots[2 * group + 1] as number];
      if (start !== NOT_SET && end !== NOT_SET) texts.set(name, text.slice(start, end));
    });
    return texts;
  }
}

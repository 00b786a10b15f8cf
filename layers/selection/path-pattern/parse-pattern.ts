import { InvalidInputError } from '#contracts/errors';
import { escapedUnit, type PatternReader, unitClass } from './character-classes.ts';
import { alternatives, captured, type Fragment, repeated } from './program.ts';

/** A pattern whose matching takes time proportional to the length of the text, whatever the pattern. */
export interface CompiledPattern {
  readonly program: Fragment;
  /** Names of the capturing groups, in order of their numbers; a group without a name is not captured. */
  readonly groups: readonly string[];
}

const LONGEST_PATTERN = 1_000;
/** Repetitions are written out: this bounds the work for one character of the text. */
const LONGEST_PROGRAM = 500;

/**
 * Compiles the regular expressions that JavaScript, Python and RE2 have in common: characters, classes, `.`, `^`, `$`,
 * `\b`, groups, named groups in either spelling, alternatives, greedy and lazy repetitions. Look-around and
 * back-references, which can't be matched in linear time, are refused.
 *
 * @param field - what the pattern is called in errors
 * @throws InvalidInputError that says which character can't be read, and why
 */
export function parsePattern(pattern: string, field: string): CompiledPattern {
  if (pattern.length > LONGEST_PATTERN) {
    throw new InvalidInputError(
      `${field}: expected at most ${LONGEST_PATTERN} characters but received ${pattern.length}.`,
    );
  }
  return new PatternParser(pattern, field).parse();
}

class PatternParser implements PatternReader {
  readonly pattern: string;
  at = 0;
  readonly #field: string;
  readonly #groups: string[] = [];

  constructor(pattern: string, field: string) {
    this.pattern = pattern;
    this.#field = field;
  }

  parse(): CompiledPattern {
    const program = this.#alternatives();
    if (this.at < this.pattern.length) this.refuse("a ')' without its '('");
    return { program, groups: this.#groups };
  }

  refuse(what: string): never {
    throw new InvalidInputError(`${this.#field}: ${what} at character ${this.at + 1} is not supported.`);
  }

  /** Takes the text where it comes next. */
  take(text: string): boolean {
    if (!this.pattern.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  #alternatives(): Fragment {
    const options = [this.#sequence()];
    while (this.take('|')) options.push(this.#sequence());
    return this.#bounded(alternatives(options));
  }

  #sequence(): Fragment {
    let sequence: Fragment = [];
    while (this.at < this.pattern.length && !'|)'.includes(this.pattern.charAt(this.at))) {
      sequence = this.#bounded([...sequence, ...this.#repetition()]);
    }
    return sequence;
  }

  #repetition(): Fragment {
    const atom = this.#atom();
    const bounds = this.#bounds();
    if (bounds === undefined) return atom;
    const { least, most } = bounds;
    const copies = most === Number.POSITIVE_INFINITY ? least + 1 : most;
    if (copies * (atom.length + 1) > LONGEST_PROGRAM)
      this.refuse('a repetition as long as the one that ends');
    const fragment = repeated(atom, least, most, this.take('?'));
    if ('*+?'.includes(this.pattern.charAt(this.at) || ' ')) this.refuse('a repetition of a repetition');
    return fragment;
  }

  #bounds(): { least: number; most: number } | undefined {
    if (this.take('*')) return { least: 0, most: Number.POSITIVE_INFINITY };
    if (this.take('+')) return { least: 1, most: Number.POSITIVE_INFINITY };
    if (this.take('?')) return { least: 0, most: 1 };
    const [all, first = '', comma, second = ''] =
      /^\{(\d{1,4})(,?)(\d{0,4})\}/.exec(this.pattern.slice(this.at)) ?? [];
    if (all === undefined)
      return this.pattern[this.at] === '{' ? this.refuse("a '{' without numbers") : undefined;
    const least = Number(first);
    const most = comma === '' ? least : second === '' ? Number.POSITIVE_INFINITY : Number(second);
    if (most < least) this.refuse('a repetition whose bounds are the wrong way round');
    this.at += all.length;
    return { least, most };
  }

  #atom(): Fragment {
    if (this.take('(')) return this.#group();
    if (this.take('^')) return [{ op: 'assert', holds: (_, at) => at === 0 }];
    if (this.take('$')) return [{ op: 'assert', holds: (text, at) => at === text.length }];
    if (this.take('\\b')) return [{ op: 'assert', holds: isWordBoundary }];
    if (this.take('\\B')) return [{ op: 'assert', holds: (text, at) => !isWordBoundary(text, at) }];
    if (this.take('[')) return [{ op: 'unit', matches: unitClass(this) }];
    if (this.take('\\')) return [{ op: 'unit', matches: escapedUnit(this).matches }];
    if (this.take('.')) return [{ op: 'unit', matches: (unit) => unit !== 10 && unit !== 13 }];
    if ('*+?'.includes(this.pattern.charAt(this.at))) this.refuse('a repetition of nothing');
    if (this.pattern[this.at] === '{') this.refuse("a '{' that repeats nothing");
    const expected = this.pattern.charCodeAt(this.at++);
    return [{ op: 'unit', matches: (unit) => unit === expected }];
  }

  #group(): Fragment {
    const name = /^\?P?<([A-Za-z_]\w*)>/.exec(this.pattern.slice(this.at));
    if (name) this.at += name[0].length;
    else if (!this.take('?:') && this.pattern[this.at] === '?') this.refuse("a group that begins with '(?'");
    const group = name?.[1] === undefined ? undefined : this.#newGroup(name[1]);
    const inside = this.#alternatives();
    if (!this.take(')')) this.refuse("a '(' without its ')'");
    return group === undefined ? inside : captured(inside, group);
  }

  #newGroup(name: string): number {
    if (this.#groups.includes(name)) this.refuse(`a second group '${name}'`);
    return this.#groups.push(name) - 1;
  }

  #bounded(fragment: Fragment): Fragment {
    if (fragment.length > LONGEST_PROGRAM) this.refuse('a pattern as long as the part that ends');
    return fragment;
  }
}

const isWord = (text: string, at: number): boolean => /\w/.test(text.charAt(at));
const isWordBoundary = (text: string, at: number): boolean => isWord(text, at - 1) !== isWord(text, at);

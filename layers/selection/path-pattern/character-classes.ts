import type { UnitTest } from './program.ts';

/** What a parser lets the parts of it see: the pattern, where it stands, and how to give up. */
export interface PatternReader {
  readonly pattern: string;
  at: number;
  take(text: string): boolean;
  refuse(what: string): never;
}

const DIGIT: UnitTest = (unit) => unit >= 48 && unit <= 57;
const WORD: UnitTest = (unit) =>
  DIGIT(unit) || unit === 95 || (unit >= 65 && unit <= 90) || (unit >= 97 && unit <= 122);
const SPACE: UnitTest = (unit) => /\s/.test(String.fromCharCode(unit));
const not =
  (test: UnitTest): UnitTest =>
  (unit) =>
    !test(unit);

const CLASSES: ReadonlyMap<string, UnitTest> = new Map([
  ['d', DIGIT],
  ['D', not(DIGIT)],
  ['w', WORD],
  ['W', not(WORD)],
  ['s', SPACE],
  ['S', not(SPACE)],
]);
const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['t', 9],
  ['n', 10],
  ['v', 11],
  ['f', 12],
  ['r', 13],
]);

interface Escaped {
  readonly matches: UnitTest;
  /** Where it stands for one code unit: which. */
  readonly unit?: number;
}

/** What follows a backslash: a class, a control character, or a sign that means itself. */
export function escapedUnit(reader: PatternReader): Escaped {
  const character = reader.pattern.charAt(reader.at);
  const found = CLASSES.get(character);
  if (found === undefined && !CONTROLS.has(character) && /^[A-Za-z0-9]?$/.test(character)) {
    reader.refuse(`the escape '\\${character}'`);
  }
  reader.at++;
  return found ? { matches: found } : oneUnit(CONTROLS.get(character) ?? character.charCodeAt(0));
}

const oneUnit = (unit: number): Escaped => ({ unit, matches: (other) => other === unit });

/** What follows `[`, up to and with its `]`. */
export function unitClass(reader: PatternReader): UnitTest {
  const isNegated = reader.take('^');
  const tests: UnitTest[] = [];
  // Python and JavaScript read `[]` differently: the one as the beginning of a class, the other as an empty one.
  if (reader.pattern[reader.at] === ']') reader.refuse("a class that begins with ']'");
  while (!reader.take(']')) {
    if (reader.at >= reader.pattern.length) reader.refuse("a '[' without its ']'");
    tests.push(classMember(reader));
  }
  const isMember: UnitTest = (unit) => tests.some((test) => test(unit));
  return isNegated ? not(isMember) : isMember;
}

function classMember(reader: PatternReader): UnitTest {
  const first = classUnit(reader);
  const isRange = reader.pattern[reader.at] === '-' && reader.pattern[reader.at + 1] !== ']';
  if (!isRange) return first.matches;
  reader.at++;
  const last = classUnit(reader);
  const [low, high] = [first.unit, last.unit];
  if (low === undefined || high === undefined || high < low)
    reader.refuse('a range that ends before it begins');
  return (unit) => unit >= low && unit <= high;
}

function classUnit(reader: PatternReader): Escaped {
  if (reader.take('\\')) return escapedUnit(reader);
  if (reader.at >= reader.pattern.length) reader.refuse("a '[' without its ']'");
  return oneUnit(reader.pattern.charCodeAt(reader.at++));
}

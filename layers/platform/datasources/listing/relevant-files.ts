import { InvalidInputError } from '#contracts/errors';
import { afterAllWith, byUtf8Bytes } from '../name-order.ts';
import { isRelativePath } from '../paths.ts';
import { exclusionOf } from './exclusion-patterns.ts';

/** What of a datasource is relevant: single files, and folders (or other prefixes) without what patterns take out. */
export interface RelevantFiles {
  /** Where relevant files can be, in the order of names; they do not overlap. */
  readonly places: readonly RelevantPlace[];
  isRelevant(name: string): boolean;
}
/** One file by its name, or all that begin with a prefix. */
export interface RelevantPlace {
  readonly start: string;
  readonly isPrefix: boolean;
}

/** Bytes of a list. It is held in memory while a page is listed. */
export const LONGEST_LIST_BYTES = 20 * 1024 * 1024;
const MOST_LINES = 500_000;
const MOST_PREFIXES = 1000;
const MOST_PATTERNS_PER_PREFIX = 100;
const LONGEST_PATTERN = 256;
/** Of all patterns of a list together: each is compared with each name, and takes many times its length in memory. */
const MOST_PATTERN_CHARACTERS = 100_000;

interface RelevantPrefix {
  readonly prefix: string;
  readonly isOut: (name: string) => boolean;
}

/** Everything below a prefix. */
export const allFilesIn = (prefix: string): RelevantFiles => ({
  places: [{ start: prefix, isPrefix: true }],
  isRelevant: (name) => name.startsWith(prefix),
});

/**
 * Reads a list of relevant files: one path a line, or a prefix, `*`, and patterns of a `.gitignore` file, separated by
 * spaces, that take files out of it (with `!`: in again).
 *
 * @throws InvalidInputError that names the line
 */
export function parseRelevantFiles(bytes: Uint8Array): RelevantFiles {
  const names = new Set<string>();
  const prefixes: RelevantPrefix[] = [];
  let patternCharacters = 0;
  const lines = decode(bytes).split('\n', MOST_LINES + 1);
  if (lines.length > MOST_LINES) throw invalid(`it has more than ${MOST_LINES} lines`);
  for (const [at, line] of lines.entries()) {
    const text = line.trim();
    if (text === '') continue;
    const star = text.indexOf('*');
    if (star >= 0) patternCharacters += text.length - star;
    if (patternCharacters > MOST_PATTERN_CHARACTERS) {
      throw invalid(`its patterns have more than ${MOST_PATTERN_CHARACTERS} characters together`);
    }
    if (star >= 0) prefixes.push(parsePrefix(text, star, at + 1));
    else if (isRelativePath(text)) names.add(text);
    else throw invalid(`line ${at + 1} is not a relative path without '.' and '..'`);
    if (prefixes.length > MOST_PREFIXES) throw invalid(`it has more than ${MOST_PREFIXES} lines with a '*'`);
  }
  return relevantFilesOf(names, prefixes);
}

export function relevantFilesOf(
  names: ReadonlySet<string>,
  prefixes: readonly RelevantPrefix[],
): RelevantFiles {
  return {
    places: placesOf(names, prefixes),
    isRelevant: (name) =>
      names.has(name) || prefixes.some(({ prefix, isOut }) => name.startsWith(prefix) && !isOut(name)),
  };
}

/** Places that are inside another one are left out, so that nothing is listed twice. */
function placesOf(names: ReadonlySet<string>, prefixes: readonly RelevantPrefix[]): RelevantPlace[] {
  const all = [
    ...[...names].map((start) => ({ start, isPrefix: false })),
    ...prefixes.map(({ prefix: start }) => ({ start, isPrefix: true })),
  ].sort((a, b) => byUtf8Bytes(a.start, b.start) || Number(b.isPrefix) - Number(a.isPrefix));
  const places: RelevantPlace[] = [];
  let widest: string | undefined;
  for (const place of all) {
    if (widest !== undefined && place.start.startsWith(widest)) continue;
    if (place.isPrefix) widest = place.start;
    places.push(place);
  }
  return places;
}

/** The last name that a place can have. */
export const endOf = ({ start, isPrefix }: RelevantPlace): string => (isPrefix ? afterAllWith(start) : start);

function parsePrefix(text: string, star: number, line: number): RelevantPrefix {
  const prefix = text.slice(0, star);
  const [rest = '', ...patterns] = text.slice(star + 1).split(/\s+/);
  if (rest !== '') {
    throw invalid(`on line ${line}, only patterns may follow the first '*', and a space goes before them`);
  }
  if (prefix !== '' && !isRelativePath(prefix)) {
    throw invalid(`line ${line} does not begin with a relative path without '.' and '..'`);
  }
  if (patterns.length > MOST_PATTERNS_PER_PREFIX || patterns.some(({ length }) => length > LONGEST_PATTERN)) {
    throw invalid(
      `on line ${line}, there may be ${MOST_PATTERNS_PER_PREFIX} patterns of ${LONGEST_PATTERN} characters`,
    );
  }
  return { prefix, isOut: exclusionOf(patterns) };
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalid('it is not UTF-8 text', cause);
  }
}

export const invalid = (reason: string, cause?: unknown): InvalidInputError =>
  new InvalidInputError(`The list of relevant files is not valid: ${reason}.`, {
    apiCode: 'DATASET_DATASOURCE_RELEVANT_FILENAMES_INVALID',
    cause,
  });

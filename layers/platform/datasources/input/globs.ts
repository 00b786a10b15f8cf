import { fitsParts, type Glob, isAnyFolders, parseGlob } from '../glob-parts.ts';

/** A pattern that can't be meant: `message` says what to write instead, without naming the field. */
export class GlobError extends Error {}

/** What `{a,b}{c,d}` may become: each of them is tried on every name. */
const MOST_ALTERNATIVES = 100;

/**
 * Whether a name, with all of its folders, fits a pattern. `*` and `?` stand for characters of one folder or file name,
 * `**` between slashes for any number of folders, `[a-z]` and `[!a-z]` for one character, `{a,b}` for alternatives; a
 * backslash takes its meaning from the next character. Case matters, and a leading dot is a character as any other.
 *
 * Time grows with the length of the pattern times that of the name: patterns are written by those who use a
 * dataset, and tried on every object of a bucket.
 *
 * @throws GlobError
 */
export function compileGlob(pattern: string): (name: string) => boolean {
  const alternatives = alternativesOf(pattern).map(partsOf);
  return (name) => {
    const names = name.split('/');
    return alternatives.some((parts) => fitsParts(parts, names));
  };
}

/**
 * Characters of a pattern with each alternative of its braces written out: what trying it on a name costs.
 * @throws GlobError
 */
export const expandedLengthOf = (pattern: string): number =>
  alternativesOf(pattern).reduce((sum, { length }) => sum + length, 0);

function partsOf(pattern: string): Glob[] {
  if (pattern.startsWith('/')) throw new GlobError("expected a pattern that does not begin with '/'");
  if (pattern.endsWith('/')) throw new GlobError(`expected a pattern of files: '${pattern}**'`);
  if (pattern.startsWith('!')) {
    throw new GlobError(
      "expected a pattern without '!': what is to be left out belongs into exclude ('\\!' is the character)",
    );
  }
  if (pattern.endsWith('\\') && !pattern.endsWith('\\\\')) {
    throw new GlobError("expected a character after '\\'");
  }
  const parts = pattern.split('/').map(parseGlob);
  // `folder/**` is what is in the folder, and not a file of that name.
  return parts.length > 1 && isAnyFolders(parts.at(-1)) ? [...parts, ['*']] : parts;
}

/**
 * Where the set that begins here ends. A bracket that comes first in it is a member.
 * @throws GlobError where it does not, before the name does
 */
function endOfSet(pattern: string, start: number): number {
  const first = start + (/[!^]/.test(pattern[start + 1] ?? '') ? 2 : 1);
  const end = pattern.indexOf(']', first + 1);
  const members = pattern.slice(first, end);
  if (end < 0 || members.includes('/')) {
    throw new GlobError("expected a ']' after '[', within one name ('\\[' is the character)");
  }
  if (members.includes('\\')) throw new GlobError("expected no '\\' between '[' and ']'");
  return end;
}

/** `a{b,c}d` as `abd` and `acd`. */
function alternativesOf(pattern: string): string[] {
  const group = outermostGroup(pattern);
  if (!group) return [pattern];
  const { start, end, choices } = group;
  const rests = alternativesOf(pattern.slice(end + 1));
  const made = choices
    .flatMap(alternativesOf)
    .flatMap((choice) => rests.map((rest) => pattern.slice(0, start) + choice + rest));
  if (made.length > MOST_ALTERNATIVES) {
    throw new GlobError(`expected braces with at most ${MOST_ALTERNATIVES} alternatives in all`);
  }
  return made;
}

/** The first `{…}` that is not within a set, with what is between its commas. */
function outermostGroup(pattern: string) {
  let depth = 0;
  let start = 0;
  let from = 0;
  const choices: string[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === '\\') at += 1;
    else if (character === '[') at = endOfSet(pattern, at);
    else if (character === '{' && depth++ === 0) start = from = at + 1;
    else if (character === '}' && depth === 0)
      throw new GlobError("expected a '{' before '}' ('\\}' is the character)");
    else if ((character === ',' && depth === 1) || (character === '}' && --depth === 0)) {
      choices.push(pattern.slice(from, at));
      from = at + 1;
      if (character === '}') return { start: start - 1, end: at, choices };
    }
  }
  if (depth > 0) throw new GlobError("expected a '}' after '{' ('\\{' is the character)");
  return undefined;
}

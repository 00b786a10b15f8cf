import { fitsParts, type Glob, isAnyFolders, parseGlob } from '../glob-parts.ts';

/** Patterns as in a `.gitignore` file. */

/** A pattern, taken apart. */
interface Pattern {
  /** `!`: what earlier patterns took out is in again. */
  readonly isNegated: boolean;
  /** It ends in `/`: folders only. */
  readonly isForFolders: boolean;
  /** Between slashes; `**` stands for any number of folders. */
  readonly parts: readonly Glob[];
}

/** What patterns take out: true where the last pattern that fits the path, or a folder above it, takes it out. */
export function exclusionOf(patterns: readonly string[]): (path: string) => boolean {
  const parsed = patterns.map(parsePattern).filter((pattern) => pattern !== undefined);
  return (path) => {
    const names = path.split('/');
    // What is in a folder that is out can't be in again.
    return names.some((_, at) => isOut(parsed, names.slice(0, at + 1), at + 1 < names.length));
  };
}

function isOut(patterns: readonly Pattern[], names: readonly string[], isFolder: boolean): boolean {
  const last = patterns.findLast(
    ({ parts, isForFolders }) => (isFolder || !isForFolders) && fitsParts(parts, names),
  );
  return last !== undefined && !last.isNegated;
}

function parsePattern(text: string): Pattern | undefined {
  const isNegated = text.startsWith('!');
  const body = isNegated ? text.slice(1) : text;
  const isForFolders = body.endsWith('/');
  const path = isForFolders ? body.slice(0, -1) : body;
  if (path === '' || (!isNegated && path.startsWith('#'))) return undefined;
  const parts = path.replace(/^\//, '').split('/').map(parseGlob);
  // `folder/**` is what is in the folder, and not the folder.
  if (parts.length > 1 && isAnyFolders(parts.at(-1))) parts.push(['*']);
  // Without a slash in it, a pattern is about names anywhere.
  const isAnchored = path.includes('/');
  return { isNegated, isForFolders, parts: isAnchored ? parts : [['**'], ...parts] };
}

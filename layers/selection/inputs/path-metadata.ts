import { InvalidInputError } from '#contracts/errors';
import type { SelectionImage } from '../candidate.ts';
import { PatternMatcher } from '../path-pattern/match-pattern.ts';
import { type CompiledPattern, parsePattern } from '../path-pattern/parse-pattern.ts';
import { Progress } from '../progress.ts';

const FIELD = 'lightlyPathRegex';
/** Where computed facts are: a group of that name would hide them. */
const RESERVED = 'lightly';

/**
 * The pattern of `lightlyPathRegex`.
 *
 * @throws InvalidInputError where it can't be read, or has no named group
 */
export function pathPattern(text: string): CompiledPattern {
  const pattern = parsePattern(text, FIELD);
  if (pattern.groups.length === 0) {
    throw new InvalidInputError(
      `${FIELD}: expected a named group, for example (?<city>[^/]+), but received none.`,
    );
  }
  if (pattern.groups.includes(RESERVED)) {
    throw new InvalidInputError(
      `${FIELD}: a group can't be called '${RESERVED}', as the computed facts are. Rename it.`,
    );
  }
  return pattern;
}

/**
 * Images whose metadata has the named groups of the pattern, as found in their file names. A group takes the place of
 * custom metadata of that name, also where it does not match: then there is nothing. One that reads as a number is one, so
 * that WEIGHTS can use it. Without a pattern, images stay as they are.
 */
export async function withPathMetadata<T extends SelectionImage>(
  images: readonly T[],
  text: string | undefined,
  progress = new Progress(images.length),
): Promise<readonly T[]> {
  if (text === undefined) return images;
  const pattern = pathPattern(text);
  const names = new Set(pattern.groups);
  const matcher = new PatternMatcher(pattern);
  const extended: T[] = [];
  for (const image of images) {
    const before = matcher.steps;
    const groups = matcher.match(image.fileName);
    const others = Object.entries(image.metadata).filter(([name]) => !names.has(name));
    const found = [...(groups ?? [])].map(asValue);
    extended.push({ ...image, metadata: Object.fromEntries([...others, ...found]) });
    if (progress.spend(matcher.steps - before)) await progress.pause();
  }
  return extended;
}

/** `12` and `0.5` are numbers; `007` and `1e3` stay texts, as a number would be written differently. */
function asValue([name, text]: [string, string]): [string, string | number] {
  const value = Number(text);
  return [name, Number.isFinite(value) && String(value) === text ? value : text];
}

import { InvalidInputError } from '#contracts/errors';
import { extensionOf } from '#contracts/file-extension';
import { DEFAULT_EXTENSIONS, type InputSettings } from '#contracts/input-settings';
import { isReservedName } from '#contracts/s3-keys';
import type { DatasourceFile } from '../datasource-objects.ts';
import { type Datasource, isConfigured } from '../datasources.ts';
import { isRelativePath } from '../paths.ts';
import { compileGlob, expandedLengthOf, GlobError } from './globs.ts';

/** Why an object is no image of a dataset. */
const SKIP_REASONS = [
  /** Its name ends in a slash: a console made it. */
  'folder',
  /** In a folder `.lightly/`. */
  'reserved',
  /** Its name is no relative path of printable characters. */
  'name',
  'not-included',
  'excluded',
  'extension',
  'too-small',
  'too-large',
  /** It is looked at again. */
  'too-young',
  'too-old',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];
export type Judgement = 'taken' | { readonly skipped: SkipReason };

export const FILTER_FIELDS = [
  'include',
  'exclude',
  'extensions',
  'minBytes',
  'maxBytes',
  'minAgeSeconds',
  'maxAgeSeconds',
] as const satisfies (keyof InputSettings)[];
/** The part of settings that says which objects are images of a dataset. */
export type InputFilter = Pick<InputSettings, (typeof FILTER_FIELDS)[number]>;

type Matches = (name: string) => boolean;

/** A filter that is ready to be asked. */
export interface InputRules {
  readonly isName: Matches;
  readonly isIncluded: Matches;
  readonly isExcluded: Matches;
  readonly hasExtension: Matches;
  /** Bytes. */
  readonly size: Bounds;
  /** ms */
  readonly age: Bounds;
}
interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** @throws InvalidInputError that names the pattern which can't be meant */
export function inputRules(filter: InputFilter, datasource: Datasource): InputRules {
  const { minBytes = 0, maxBytes, minAgeSeconds, maxAgeSeconds } = filter;
  const isOwnersPlace = isConfigured(datasource);
  const extensions = new Set<string>(filter.extensions ?? (isOwnersPlace ? DEFAULT_EXTENSIONS : []));
  const include = compiled(filter.include, 'include');
  const exclude = compiled(filter.exclude, 'exclude');
  return {
    // Everything that is put into the landing bucket is meant for Winnow.
    isName: isOwnersPlace ? isRelativePath : (name) => name !== '',
    isIncluded: (name) => include.length === 0 || include.some((matches) => matches(name)),
    isExcluded: (name) => exclude.some((matches) => matches(name)),
    hasExtension: (name) => extensions.size === 0 || extensions.has(extensionOf(name)),
    size: { least: minBytes, most: maxBytes ?? Number.POSITIVE_INFINITY },
    age: {
      least: minAgeSeconds === undefined ? Number.NEGATIVE_INFINITY : minAgeSeconds * 1000,
      most: maxAgeSeconds === undefined ? Number.POSITIVE_INFINITY : maxAgeSeconds * 1000,
    },
  };
}

/**
 * Whether an object is an image of the dataset, and else the first reason why not. An archived one is: that it can't be
 * read is found out, and told, where it is registered.
 * @param now ms
 */
export function judgeObject(
  { name, size, lastModified }: Pick<DatasourceFile, 'name' | 'size' | 'lastModified'>,
  rules: InputRules,
  now: number,
): Judgement {
  const age = now - lastModified;
  if (name.endsWith('/')) return { skipped: 'folder' };
  if (isReservedName(name)) return { skipped: 'reserved' };
  if (!rules.isName(name)) return { skipped: 'name' };
  if (!rules.isIncluded(name)) return { skipped: 'not-included' };
  if (rules.isExcluded(name)) return { skipped: 'excluded' };
  if (!rules.hasExtension(name)) return { skipped: 'extension' };
  if (size < rules.size.least) return { skipped: 'too-small' };
  if (size > rules.size.most) return { skipped: 'too-large' };
  if (age < rules.age.least) return { skipped: 'too-young' };
  if (age > rules.age.most) return { skipped: 'too-old' };
  return 'taken';
}

/** Characters of all patterns of a filter, braces written out: they take some milliseconds for the worst of names. */
const MOST_CHARACTERS = 20_000;

/** @throws InvalidInputError that names the first pattern which can't be meant, or with which they are too many */
export function checkInputFilter(filter: Pick<InputFilter, 'include' | 'exclude'>): void {
  let characters = 0;
  for (const field of ['include', 'exclude'] as const) {
    compiled(filter[field], field);
    for (const [index, pattern] of filter[field].entries()) {
      characters += expandedLengthOf(pattern);
      if (characters <= MOST_CHARACTERS) continue;
      throw invalid(
        { field, index },
        `expected at most ${MOST_CHARACTERS} characters in all patterns of include and exclude together, where ` +
          '{a,b} counts as often as it has alternatives',
      );
    }
  }
}

type PatternField = 'include' | 'exclude';

const compiled = (patterns: readonly string[], field: PatternField): Matches[] =>
  patterns.map((pattern, index) => {
    try {
      return compileGlob(pattern);
    } catch (cause) {
      if (!(cause instanceof GlobError)) throw cause;
      throw invalid({ field, index }, cause.message, { cause });
    }
  });

const invalid = (
  { field, index }: { readonly field: PatternField; readonly index: number },
  reason: string,
  options?: ErrorOptions,
): InvalidInputError =>
  new InvalidInputError(`Settings are not valid. input.${field}[${index}]: ${reason}`, options);

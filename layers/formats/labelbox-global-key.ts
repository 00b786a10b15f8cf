import { createHash } from 'node:crypto';

/** Labelbox's limit, in characters; it also refuses leading, trailing and double blanks. */
const LONGEST_KEY = 200;
const READABLE_PART = 120;
const HASH_DIGITS = 32;

const REFUSED = /^\s|\s$|\s\s|\p{Cc}/u;
const LOOKS_HASHED = /~[0-9a-f]{32}$/;

/**
 * The key by which Labelbox knows an image in the whole organisation: `<dataset>/<file name>`. The same image has the
 * same key in every run, so that it becomes one data row. A name that Labelbox would refuse, or that looks like what
 * such a name becomes, is shortened and made unique by its SHA-256.
 */
export function labelboxGlobalKey(dataset: string, fileName: string): string {
  const key = `${dataset}/${fileName}`;
  if (key.length <= LONGEST_KEY && !REFUSED.test(key) && !LOOKS_HASHED.test(key)) return key;
  const readable = key
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, READABLE_PART)
    // Half of a surrogate pair, where the cut went through a character.
    .replace(/[\uD800-\uDBFF]$/, '');
  const hash = createHash('sha256').update(key).digest('hex').slice(0, HASH_DIGITS);
  return `${readable}~${hash}`;
}

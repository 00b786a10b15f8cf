/** Characters beyond Latin-1 that the standard fonts of PDF have: the upper part of Windows-1252. */
const BEYOND_LATIN_1 = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ';

/**
 * A text in the characters of PDF's standard fonts, which need no font file. Any other one is written as its code, as
 * `\u{4e2d}`: nothing is lost or mistaken for another, and a document of file names from everywhere stays small.
 */
export function winAnsiText(text: string): string {
  let shown = '';
  for (const character of text) shown += isShown(character) ? character : codeOf(character);
  return shown;
}

function isShown(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return (
    (code >= 0x20 && code < 0x7f) ||
    (code >= 0xa0 && code <= 0xff && code !== 0xad) ||
    BEYOND_LATIN_1.includes(character)
  );
}

const codeOf = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/** Widths of characters of Helvetica and its like, in thousandths of the size, by class; see the font's AFM file. */
const NARROW = /[ijl.,:;|!'’`()[\]{}I /\\ft-]/;
const WIDE = /[mwMWAGOQCDHNUR%@&—]/;
const NARROW_WIDTH = 290;
const USUAL_WIDTH = 545;
const WIDE_WIDTH = 780;
/** Ideographs and whatever else a reader's own font has. */
const FOREIGN_WIDTH = 1000;

/** About how wide a text is; a guess that is a little too wide rather than too narrow. */
export function textWidth(text: string, size: number): number {
  let thousandths = 0;
  for (const character of text) {
    if (character > '\u24ff') thousandths += FOREIGN_WIDTH;
    else if (NARROW.test(character)) thousandths += NARROW_WIDTH;
    else thousandths += WIDE.test(character) ? WIDE_WIDTH : USUAL_WIDTH;
  }
  return (thousandths / 1000) * size;
}

const ELLIPSIS = '…';

/** The text, or its beginning and its end where it is wider than `most`: file names differ there. */
export function elidedInTheMiddle(text: string, most: number, size: number): string {
  if (textWidth(text, size) <= most) return text;
  const characters = [...new Intl.Segmenter('en').segment(text)].map(({ segment }) => segment);
  let [head, tail] = [0, characters.length];
  let room = most - textWidth(ELLIPSIS, size);
  // One from the front, then one from the back: extensions and running numbers stay.
  for (let turn = 0; head < tail; turn++) {
    const next = turn % 2 === 0 ? characters[head] : characters[tail - 1];
    room -= textWidth(next ?? '', size);
    if (room < 0) break;
    if (turn % 2 === 0) head += 1;
    else tail -= 1;
  }
  return characters.slice(0, head).join('') + ELLIPSIS + characters.slice(tail).join('');
}

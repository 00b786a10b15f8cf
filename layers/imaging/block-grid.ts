import { MAX_GROUPS_PER_BLOCK } from './block-sums.ts';

/** How an image is cut into blocks whose means make its reduced version. */
export interface BlockGrid {
  /** First group of four pixels of each column of blocks, and the end of the padded row. */
  readonly columnBounds: Int32Array;
  /** First row of each row of blocks, and the height. */
  readonly rowBounds: Int32Array;
  /** False where the image is small: then its blocks serve only for its totals. */
  readonly reduces: boolean;
}

/** A row of `width` pixels in groups of four, with at least one black pixel after the last. */
export const paddedGroups = (width: number): number => Math.floor(width / 4) + 1;

/**
 * Blocks of equal size, to within a group and a row, such that the reduced image's longer side is at least
 * `minimumSide` and the blocks are whole groups of four pixels wide.
 */
export function blockGrid(width: number, height: number, minimumSide: number): BlockGrid {
  const groups = Math.ceil(width / 4);
  const groupsPerBlock = Math.floor(Math.max(width, height) / minimumSide / 4);
  const reduces = groupsPerBlock >= 1;
  const fewestColumns = Math.ceil(groups / MAX_GROUPS_PER_BLOCK);
  const columns = Math.max(1, fewestColumns, reduces ? Math.floor(groups / groupsPerBlock) : 0);
  const rows = reduces ? Math.max(1, Math.floor(height / (groupsPerBlock * 4))) : 1;
  const columnBounds = equalBounds(groups, columns);
  // The padding belongs to the last block; being black it adds nothing there.
  columnBounds[columns] = paddedGroups(width);
  return { columnBounds, rowBounds: equalBounds(height, rows), reduces };
}

const equalBounds = (length: number, parts: number): Int32Array =>
  Int32Array.from({ length: parts + 1 }, (_, part) => Math.floor((part * length) / parts));

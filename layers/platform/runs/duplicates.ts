interface Content {
  readonly fileName: string;
  /** Lower-case hex SHA-256 of the bytes. */
  readonly sha256: string;
}
interface DatedContent extends Content {
  /** ms */
  readonly lastModified: number;
}

const byTimeThenName = (a: DatedContent, b: DatedContent): number =>
  a.lastModified - b.lastModified || (a.fileName < b.fileName ? -1 : 1);

/**
 * Exact duplicates among candidates: images with the same bytes as an existing sample, or as a candidate that is
 * older or, at the same time, comes first by name. The order of `candidates` does not matter.
 *
 * @returns for each duplicate, the file name of the image that stands for it.
 */
export function findDuplicates(
  candidates: readonly DatedContent[],
  existing: Iterable<Content>,
): Map<string, string> {
  const keptByContent = new Map<string, string>();
  for (const { sha256, fileName } of existing) {
    if (!keptByContent.has(sha256)) keptByContent.set(sha256, fileName);
  }
  const duplicates = new Map<string, string>();
  for (const { sha256, fileName } of candidates.toSorted(byTimeThenName)) {
    const kept = keptByContent.get(sha256);
    if (kept === undefined) keptByContent.set(sha256, fileName);
    else duplicates.set(fileName, kept);
  }
  return duplicates;
}

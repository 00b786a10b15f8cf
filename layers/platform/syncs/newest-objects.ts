import type { DatasourceFile } from '../datasources/datasource-objects.ts';

/** What is kept of an object, so that a filter can be tried on it. */
export type NewestObject = Pick<DatasourceFile, 'name' | 'size' | 'lastModified' | 'isArchived'>;

const MOST_KEPT = 1_000;
/** Sorted only now and then. */
const MOST_HELD = 4 * MOST_KEPT;

export interface NewestCollector {
  add(file: DatasourceFile): void;
  /** The newest first. */
  newest(): readonly NewestObject[];
}

/** Of all objects that pass, the 1,000 that were modified last. */
export function newestCollector(from: readonly NewestObject[]): NewestCollector {
  let kept = [...from];
  let oldest = Number.NEGATIVE_INFINITY;
  const cut = () => {
    kept.sort((a, b) => b.lastModified - a.lastModified || (a.name < b.name ? -1 : 1));
    // What was listed before a sync was interrupted is listed again.
    kept = kept.filter(({ name }, at) => kept[at - 1]?.name !== name).slice(0, MOST_KEPT);
    if (kept.length === MOST_KEPT) oldest = kept.at(-1)?.lastModified ?? oldest;
  };
  return {
    add: ({ name, size, lastModified, isArchived }) => {
      if (lastModified < oldest) return;
      kept.push({ name, size, lastModified, ...(isArchived && { isArchived }) });
      if (kept.length > MOST_HELD) cut();
    },
    newest: () => {
      cut();
      return kept;
    },
  };
}

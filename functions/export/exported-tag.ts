import type { Dataset, Run, Tag } from '#contracts/items';

/** A run whose tag is exported. */
export interface ExportedTag {
  readonly dataset: Dataset;
  readonly run: Run;
  readonly tag: Tag;
  /** ms */
  readonly completedAt: number;
}

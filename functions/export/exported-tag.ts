import type { Dataset, Run } from '#contracts/items';
import type { Tag } from '#contracts/tags';

/** A run whose tag is exported. */
export interface ExportedTag {
  readonly dataset: Dataset;
  readonly run: Run;
  readonly tag: Tag;
  /** ms */
  readonly completedAt: number;
}

import type { ObjectId } from '#contracts/schema';

/** What a run looks at of what users have given, beside what its worker config names. */
export interface FactNeeds {
  /** Prediction tasks. */
  readonly tasks: readonly string[];
  readonly scores: readonly { readonly task: string; readonly score: string }[];
  readonly usesCustomMetadata: boolean;
  /** Tags whose vectors SIMILARITY compares with. */
  readonly queries: readonly { readonly datasetId: ObjectId; readonly tagName: string }[];
}

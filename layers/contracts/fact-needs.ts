import type { ObjectId } from './schema.ts';

/** What a run looks at of what users have given, beside what its worker config names. Each is named once. */
export interface FactNeeds {
  /** Prediction tasks whose predictions are needed. */
  readonly tasks: readonly string[];
  readonly scores: readonly { readonly task: string; readonly score: string }[];
  /** True where metadata is looked at that is neither computed nor found in file names. */
  readonly usesCustomMetadata: boolean;
  /** Tags of other datasets whose vectors SIMILARITY compares with. */
  readonly queries: readonly { readonly datasetId: ObjectId; readonly tagName: string }[];
}

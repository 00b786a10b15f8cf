import type { ExportRecord } from '#contracts/export-record';
import type { ObjectId } from '#contracts/schema';

/** Written exports as they are kept. */
export interface ExportStore {
  put(record: ExportRecord): Promise<void>;
  get(datasetId: ObjectId, runId: ObjectId, format: string): Promise<ExportRecord | undefined>;
  /** Strongly consistent, by format. */
  listForRun(datasetId: ObjectId, runId: ObjectId): Promise<ExportRecord[]>;
}

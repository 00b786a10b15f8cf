import { z } from 'zod';
import { SELECTION_STOPS } from './selection-stop.ts';

/** What came of the first round of a large selection in one shard of its candidates, as it is kept in an object. */
export const shardAnswer = z.union([
  z.strictObject({
    /** In order of choice. */
    fileNames: z.array(z.string()),
    filteredOut: z.array(z.strictObject({ fileName: z.string(), reason: z.string() })),
    stoppedBy: z.enum(SELECTION_STOPS),
    notes: z.array(z.string()),
  }),
  /** The configuration can't be carried out; one sentence. */
  z.strictObject({ refused: z.string() }),
]);
export type ShardAnswer = z.infer<typeof shardAnswer>;

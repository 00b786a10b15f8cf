import { z } from 'zod';
import { objectEvent } from './object-event.ts';
import { milliseconds, objectId } from './schema.ts';

/** Why an event waits: somebody has paused the dataset, or its datasource can't be read. */
const HOLD_REASONS = ['paused', 'problem'] as const;

/** The newest event of a file that ingest was not to work on, or could not. */
export const heldEvent = z.strictObject({
  datasetId: objectId,
  fileName: z.string().min(1),
  event: objectEvent,
  /** For whoever looks at the item: what is in the way is asked anew before it is released. */
  reason: z.enum(HOLD_REASONS),
  heldAt: milliseconds,
});
export type HeldEvent = z.infer<typeof heldEvent>;

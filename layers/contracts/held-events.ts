import { z } from 'zod';
import { objectEvent } from './object-event.ts';
import { milliseconds, objectId } from './schema.ts';

/** The newest event of a file that ingest was not to work on, or could not. What is in the way is asked before it is released. */
export const heldEvent = z.strictObject({
  datasetId: objectId,
  fileName: z.string().min(1),
  event: objectEvent,
  heldAt: milliseconds,
});
export type HeldEvent = z.infer<typeof heldEvent>;

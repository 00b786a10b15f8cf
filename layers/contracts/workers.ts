import { z } from 'zod';
import { milliseconds, objectId } from './schema.ts';

/** Workers that carry out runs, as they are stored. The built-in one, the `run` stage, is not stored: it is always there. */

const WORKER_STATES = ['OFFLINE', 'CRASHED', 'IDLE', 'BUSY'] as const;
export type WorkerState = (typeof WORKER_STATES)[number];

export const BUILT_IN_WORKER_ID = '77696e6e6f770000000000aa';

/** A name or a label is part of an item that has a limit; the protocol knows none. */
const LONGEST_NAME = 255;
export const MOST_LABELS = 100;
export const LONGEST_LABEL = LONGEST_NAME;

/** What a worker offers, or what a run asks for. */
const workerLabels = z.array(z.string().max(LONGEST_LABEL)).max(MOST_LABELS);

/** A worker that somebody registered. Natural key: its owner and its name. */
export const worker = z.strictObject({
  id: objectId,
  /** Its owner. */
  userId: objectId,
  name: z.string().min(3).max(LONGEST_NAME),
  /** What it offers; it takes runs that ask for nothing else. */
  labels: workerLabels,
  state: z.enum(WORKER_STATES),
  dockerVersion: z.string().max(LONGEST_NAME).optional(),
  createdAt: milliseconds,
  lastModifiedAt: milliseconds,
  /** Its last sign of life; absent where it has only been registered. */
  lastSeenAt: milliseconds.optional(),
});
export type Worker = z.infer<typeof worker>;

import { z } from 'zod';

/** What the key of an item leaves room for. */
export const LONGEST_TASK_NAME = 512;

/** The name of a prediction task, or of a type of scores. Some places of the protocol take an empty one for none. */
export const taskName = z
  .string()
  .max(LONGEST_TASK_NAME)
  .regex(/^[a-zA-Z0-9_+=,.@:/-]*$/, 'expected letters, digits and any of _+=,.@:/-');

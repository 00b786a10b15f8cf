import { z } from 'zod';

/** Letters, digits, space, `_` and `-`; 3 or more; not starting with a separator. The protocol's own rule. */
export const datasetName = z
  .string()
  .min(3, 'a dataset name has 3 or more characters')
  .max(255, 'a dataset name has at most 255 characters')
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9 _-]+$/,
    'a dataset name has letters, digits, space, _ and - only, and starts with a letter or digit',
  );

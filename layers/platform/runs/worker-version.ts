/** What a report says it was made by. */
export const WORKER_VERSION = 'winnow-0.1.0';

import type { FailedFile } from '../client/index.ts';
import { IncompleteError } from './exit-codes.ts';
import type { Output } from './output.ts';

const NAMED_AT_MOST = 10;

/** Names files that failed. @param remedy a sentence @throws IncompleteError where there are some */
export function tellFailures(failed: readonly FailedFile[], output: Output, remedy: string): void {
  if (failed.length === 0) return;
  for (const { fileName, error } of failed.slice(0, NAMED_AT_MOST))
    output.note(`${fileName}: ${error.message}`);
  const others = failed.length - NAMED_AT_MOST;
  const rest = others > 0 ? `; ${others} more are in the output of --json` : '';
  throw new IncompleteError(`${failed.length} failed${rest}. ${remedy}`);
}

import { z } from 'zod';
import { isStoppedPlan, stoppedPlan } from '#contracts/planned-runs';
import { parseJsonWith } from '#contracts/schema';
import { parsePlanLines, planLines, type RunPlan } from '#platform/runs/run-plan-lines';
import type { ArtifactFile } from '#report/artifact-file';
import { StopRun } from '../stop-run.ts';

/** A file that helps to find why a run stopped. */
const stoppedFile = z.strictObject({
  type: z.literal('CORRUPTNESS_CHECK_INFORMATION'),
  fileName: z.string().regex(/^[\w.-]+$/),
  contentType: z.string(),
  content: z.string(),
});

/** What a worker has decided, as JSON lines: a plan, or why there is none with a line for each file. */
export function* decidedLines(decided: RunPlan | StopRun, runId: string): Generator<string> {
  if (!(decided instanceof StopRun)) {
    yield* planLines(decided);
    return;
  }
  const { endState, message, files } = decided;
  yield `${JSON.stringify({ stopped: { runId, endState, message } })}\n`;
  for (const { content, ...file } of files)
    yield `${JSON.stringify({ ...file, content: textOf(content) })}\n`;
}

function textOf(content: ArtifactFile['content']): string {
  if (typeof content === 'string') return content;
  return content instanceof Uint8Array ? Buffer.from(content).toString() : [...content].join('');
}

/** Reads what {@link decidedLines} wrote. @throws StopRun where that is why there is no plan */
export async function parseDecidedLines(lines: AsyncIterable<string>): Promise<RunPlan> {
  const iterator = lines[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (!first.done && isStoppedPlan(first.value)) {
    const { stopped } = parseJsonWith(stoppedPlan, first.value, 'What was decided');
    const files: ArtifactFile[] = [];
    for await (const line of followed(iterator)) {
      files.push(parseJsonWith(stoppedFile, line, 'A file of what was decided'));
    }
    throw new StopRun(stopped.endState, stopped.message, files);
  }
  return parsePlanLines(followed(iterator, first));
}

async function* followed(
  rest: AsyncIterator<string>,
  first?: IteratorResult<string>,
): AsyncGenerator<string> {
  for (let next = first ?? (await rest.next()); !next.done; next = await rest.next()) yield next.value;
}

import { InvalidInputError } from '#contracts/errors';
import { type RunDecision, type RunPlanHeader, runDecision, runPlanHeader } from '#contracts/run-plan';
import { parseWith } from '#contracts/schema';

export interface RunPlan {
  readonly header: RunPlanHeader;
  /** By file name. */
  readonly decisions: readonly RunDecision[];
}

/** A plan as JSON lines: the header, then a line per decision. Embeddings are base64 of their float32 values. */
export function* planLines({ header, decisions }: RunPlan): Generator<string> {
  yield `${JSON.stringify(header)}\n`;
  for (const decision of decisions) yield `${JSON.stringify(decision, embeddingToText)}\n`;
}

/** Reads what {@link planLines} wrote. */
export async function parsePlanLines(lines: AsyncIterable<string>): Promise<RunPlan> {
  let header: RunPlanHeader | undefined;
  const decisions: RunDecision[] = [];
  for await (const line of lines) {
    const value: unknown = JSON.parse(line, textToEmbedding);
    if (header === undefined) header = parseWith(runPlanHeader, value, 'Run plan');
    else decisions.push(parseWith(runDecision, value, `Line ${decisions.length + 2} of the run plan`));
  }
  if (header === undefined) throw new InvalidInputError('A run plan without a header.');
  return { header, decisions };
}

function embeddingToText(_key: string, value: unknown): unknown {
  return value instanceof Float32Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
    : value;
}

function textToEmbedding(key: string, value: unknown): unknown {
  if (key !== 'embedding' || typeof value !== 'string') return value;
  // Through a copy: the bytes of a small Buffer start anywhere in a shared block.
  return new Float32Array(new Uint8Array(Buffer.from(value, 'base64')).buffer);
}

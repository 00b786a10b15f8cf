import { z } from 'zod';
import { rawSample } from '#contracts/items';
import { sample } from '#contracts/samples';
import { objectId, parseWith } from '#contracts/schema';
import type { RunInput } from '../run-input.ts';
import { parseValueLines, valueLines } from './value-lines.ts';

/** A run's input as JSON lines, for a worker that reads it elsewhere. */
export const inputLines = (input: RunInput): Generator<string> => valueLines(input);

const head = z.object({ run: z.object({ id: objectId }), dataset: z.object({ id: objectId }) });

/**
 * Reads what {@link inputLines} wrote.
 * @throws InvalidInputError where it is of another version, cut short, or not an input
 */
export async function parseInputLines(lines: AsyncIterable<string>): Promise<RunInput> {
  const root = await parseValueLines(lines, 'The input of the run');
  const { run, dataset } = parseWith(head, root, 'The input of the run');
  const input = root as RunInput;
  parseWith(z.array(rawSample), input.candidates, `Candidates of run ${run.id}`);
  parseWith(z.array(sample), input.samples, `Samples of dataset ${dataset.id}`);
  return input;
}

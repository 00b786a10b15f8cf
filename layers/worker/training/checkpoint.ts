import { z } from 'zod';
import { InvalidInputError } from '#contracts/errors';
import { parseJsonWith } from '#contracts/schema';
import type { ProjectionHead } from './projection-head.ts';

/** What a run keeps of its training. */
export interface Checkpoint {
  /** The vectors that the head projects are this model's. */
  readonly embeddingModel: string;
  readonly head: ProjectionHead;
  /** How it came about, for people. */
  readonly fit: { readonly images: number; readonly epochs: number; readonly losses: readonly number[] };
}

const LARGEST_DIMENSION = 65_536;
const dimension = z.int().min(1).max(LARGEST_DIMENSION);

const storedCheckpoint = z.strictObject({
  format: z.literal('winnow-projection'),
  version: z.literal(1),
  embeddingModel: z.string().min(1),
  inputDimension: dimension,
  outputDimension: dimension,
  /** Base64 of little-endian float32 values. */
  centre: z.base64(),
  /** As `centre`; row by row, one row for each value that comes out. */
  weights: z.base64(),
  fit: z.strictObject({
    images: z.int().nonnegative(),
    epochs: z.int().nonnegative(),
    losses: z.array(z.number()),
  }),
});

/** A checkpoint as JSON. */
export function checkpointText({ embeddingModel, head, fit }: Checkpoint): string {
  const { inputDimension, outputDimension, centre, weights } = head;
  const file: z.infer<typeof storedCheckpoint> = {
    ...{ format: 'winnow-projection', version: 1, embeddingModel, inputDimension, outputDimension },
    centre: toBase64(centre),
    weights: toBase64(weights),
    fit: { ...fit, losses: [...fit.losses] },
  };
  return `${JSON.stringify(file)}\n`;
}

/** Reads what {@link checkpointText} wrote. @throws InvalidInputError that names what is wrong with it */
export function parseCheckpoint(text: string): Checkpoint {
  const { embeddingModel, inputDimension, outputDimension, centre, weights, fit } = parseJsonWith(
    storedCheckpoint,
    text,
    'The checkpoint',
  );
  return {
    embeddingModel,
    fit,
    head: {
      ...{ inputDimension, outputDimension },
      centre: fromBase64('centre', centre, inputDimension),
      weights: fromBase64('weights', weights, inputDimension * outputDimension),
    },
  };
}

const FLOAT_BYTES = 4;

function toBase64(values: Float32Array): string {
  const bytes = Buffer.alloc(values.length * FLOAT_BYTES);
  for (const [index, value] of values.entries()) bytes.writeFloatLE(value, index * FLOAT_BYTES);
  return bytes.toString('base64');
}

function fromBase64(field: string, text: string, count: number): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== count * FLOAT_BYTES) {
    throw new InvalidInputError(
      `The checkpoint's ${field} has ${bytes.length} bytes, and by its dimensions ${count * FLOAT_BYTES}.`,
    );
  }
  const values = Float32Array.from({ length: count }, (_, index) => bytes.readFloatLE(index * FLOAT_BYTES));
  if (values.every(Number.isFinite)) return values;
  throw new InvalidInputError(`The checkpoint's ${field} holds what is not a finite number.`);
}

import { deepStrictEqual } from 'node:assert';
import { parseArgs } from 'node:util';
import { farthestFirst } from './farthest-first-textbook.ts';
import { type Figure, figureOf } from './figure.ts';
import { mostDiverse, processorSecondsOf } from './most-diverse.ts';
import { photoLikeEmbeddings, uniformEmbeddings } from './synthetic-embeddings.ts';

const SIZE = { count: 20_000, dimension: 256, seed: 2026 };
const SELECTED = 1_000;
const ROUNDS = 3;
const WARM_UP = { count: 2_000, selected: 200 };

/** Greedy selection of 1,000 out of 20,000 photo-like embeddings, versus the loop of the textbook. */
export async function diversity20k(): Promise<Figure> {
  return await compared('diversity-20k-vs-textbook', photoLikeEmbeddings(SIZE));
}

/** The same where no embedding is near to another. */
export async function diversity20kUniform(): Promise<Figure> {
  return await compared('diversity-20k-uniform-vs-textbook', uniformEmbeddings(SIZE));
}

async function compared(name: string, embeddings: readonly Float32Array[]): Promise<Figure> {
  // The compiler of the machine code has seen both loops before anything is measured.
  await ratioOf(embeddings.slice(0, WARM_UP.count), WARM_UP.selected);
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) ratios.push(await ratioOf(embeddings, SELECTED));
  return figureOf(name, '>= 3', ratios);
}

async function ratioOf(embeddings: readonly Float32Array[], count: number): Promise<number> {
  const selection = await processorSecondsOf(() => mostDiverse(embeddings, count));
  const textbook = await processorSecondsOf(async () =>
    farthestFirst(embeddings, count, selection.value[0] ?? 0),
  );
  deepStrictEqual(selection.value, textbook.value);
  return textbook.seconds / selection.seconds;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { uniform: { type: 'boolean', default: false } } });
  console.log(await (values.uniform ? diversity20kUniform() : diversity20k()));
}

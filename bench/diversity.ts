import { deepStrictEqual } from 'node:assert';
import { parseArgs } from 'node:util';
import type { SelectionConfig } from '#contracts/selection-config';
import { select } from '#selection/select';
import { type Figure, figureOf } from './figure.ts';
import { photoLikeEmbeddings, uniformEmbeddings } from './synthetic-embeddings.ts';

const SIZE = { count: 20_000, dimension: 256, seed: 2026 };
const SELECTED = 1_000;
const ROUNDS = 3;
const WARM_UP = { count: 2_000, selected: 200 };

const CONFIG: Pick<SelectionConfig, 'strategies'> = {
  strategies: [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }],
};

/** Greedy selection of 1,000 out of 20,000 photo-like embeddings, versus the loop of the textbook. */
export async function diversity20k(): Promise<Figure> {
  return await compared('diversity-20k-vs-textbook', photoLikeEmbeddings(SIZE));
}

/** The same where no embedding is near to another, which leaves pruning nothing to do. */
export async function diversity20kUniform(): Promise<Figure> {
  return await compared('diversity-20k-uniform-vs-textbook', uniformEmbeddings(SIZE));
}

async function compared(name: string, embeddings: readonly Float32Array[]): Promise<Figure> {
  // The compiler of the machine code has seen both loops before anything is measured.
  await secondsOfEach(embeddings.slice(0, WARM_UP.count), WARM_UP.selected);
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { selection, textbook } = await secondsOfEach(embeddings, SELECTED);
    ratios.push(textbook / selection);
  }
  return figureOf(name, '>= 3', ratios);
}

/** Processor time, all threads of the process together: what else the machine does meanwhile is not counted. */
async function secondsOfEach(embeddings: readonly Float32Array[], count: number) {
  const candidates = embeddings.map((embedding, index) => ({
    fileName: `${index}.jpg`,
    embedding,
    metadata: {},
  }));
  const start = process.cpuUsage();
  const { chosen } = await select({ config: { ...CONFIG, nSamples: count }, candidates, preselected: [] });
  const selection = secondsSince(start);
  const between = process.cpuUsage();
  const expected = farthestFirst(embeddings, count, chosen[0]?.index ?? 0);
  const textbook = secondsSince(between);
  deepStrictEqual(
    chosen.map(({ index }) => index),
    expected,
  );
  return { selection, textbook };
}

function secondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

/** The textbook: measure every vector against the newest choice, then take the one that is farthest from all. */
function farthestFirst(vectors: readonly Float32Array[], count: number, first: number): number[] {
  const distances = new Float32Array(vectors.length).fill(Number.POSITIVE_INFINITY);
  const isChosen = new Uint8Array(vectors.length);
  const chosen = [first];
  isChosen[first] = 1;
  while (chosen.length < count) {
    const newest = vectors[chosen.at(-1) as number] as Float32Array;
    let farthest = -1;
    for (let index = 0; index < vectors.length; index++) {
      const vector = vectors[index] as Float32Array;
      let sum = 0;
      for (let axis = 0; axis < newest.length; axis++) {
        const difference = (vector[axis] as number) - (newest[axis] as number);
        sum += difference * difference;
      }
      const distance = Math.sqrt(sum);
      if (distance < (distances[index] as number)) distances[index] = distance;
      if (isChosen[index] === 1) continue;
      if (farthest < 0 || (distances[index] as number) > (distances[farthest] as number)) farthest = index;
    }
    chosen.push(farthest);
    isChosen[farthest] = 1;
  }
  return chosen;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { uniform: { type: 'boolean', default: false } } });
  console.log(await (values.uniform ? diversity20kUniform() : diversity20k()));
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { SelectionConfig } from '#contracts/selection-config';
import { type SelectionCandidate, select } from '#selection/select';
import { type Figure, figureOf } from './figure.ts';
import { seededRandom } from './random-draws.ts';

const COUNT = 100_000;
const DIMENSION = 256;
const WARM_UP = 10_000;
const ROUNDS = 1;

/** Resident memory of a selection by diversity at its peak, embeddings included, to that of the embeddings. */
export async function diversityMemory(): Promise<Figure> {
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // A process of its own: memory that other work has freed would be used again, and not be seen.
    const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename]);
    ratios.push(Number(stdout));
  }
  return figureOf('diversity-100k-memory', '<= 1.5', ratios);
}

async function measure(): Promise<number> {
  const random = seededRandom(7);
  const block = new Float32Array(COUNT * DIMENSION);
  for (let at = 0; at < block.length; at++) block[at] = random() - 0.5;
  const candidates = Array.from({ length: COUNT }, (_, index) => ({
    fileName: `${index}.jpg`,
    embedding: block.subarray(index * DIMENSION, (index + 1) * DIMENSION),
    metadata: {},
  }));
  // Node's young generation grows once to about 50 MB, whatever the work: it is there before the measurement.
  await choose(candidates.slice(0, WARM_UP), () => undefined);
  const before = process.memoryUsage.rss();
  let peak = before;
  const look = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  await choose(candidates, look);
  look();
  return (block.byteLength + peak - before) / block.byteLength;
}

async function choose(candidates: readonly SelectionCandidate[], onProgress: () => void): Promise<void> {
  const config: SelectionConfig = {
    nSamples: candidates.length / 10,
    strategies: [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }],
  };
  await select({ config, candidates, preselected: [], onProgress });
}

if (import.meta.main) console.log(await measure());

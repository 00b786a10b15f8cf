import type { SelectionConfig } from '#contracts/selection-config';
import { select } from '#selection/select';

const STRATEGIES: SelectionConfig['strategies'] = [
  { input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } },
];

/** Positions of what a selection by diversity alone chooses, in order of choice. */
export async function mostDiverse(embeddings: readonly Float32Array[], count: number): Promise<number[]> {
  const candidates = embeddings.map((embedding, index) => ({
    fileName: `${index}.jpg`,
    embedding,
    metadata: {},
  }));
  const config = { nSamples: count, strategies: STRATEGIES };
  const { chosen } = await select({ config, candidates, preselected: [] });
  return chosen.map(({ index }) => index);
}

/** Processor time, all threads of the process together: what else the machine does meanwhile is not counted. */
export async function processorSecondsOf<T>(work: () => Promise<T>): Promise<{ value: T; seconds: number }> {
  const start = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(start);
  return { value, seconds: (user + system) / 1e6 };
}

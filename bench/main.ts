import { parseArgs } from 'node:util';
import { diversity20k } from './diversity.ts';
import { diversity100k, diversity100kNumpy, type Options } from './diversity-100k.ts';
import { diversityMemory } from './diversity-memory.ts';
import { factsFromSnapshot } from './facts-loading.ts';
import type { Figure } from './figure.ts';
import { ingestVsDecode } from './ingest-vs-decode.ts';
import { localVsBareLoop, localVsBareLoopSmall } from './local-vs-bare-loop.ts';
import { coverRadiusVsRandom } from './selection-quality.ts';

/** Each benchmark compares two things in turn in one process; nothing depends on an absolute time. */
const BENCHMARKS: readonly ((options: Options) => Promise<Figure | undefined>)[] = [
  ingestVsDecode,
  localVsBareLoop,
  localVsBareLoopSmall,
  diversity20k,
  diversity100k,
  (options) => diversity100k({ ...options, isUniform: true }),
  diversity100kNumpy,
  diversityMemory,
  coverRadiusVsRandom,
  factsFromSnapshot,
];

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, whole: { type: 'boolean', default: false } },
});
for (const benchmark of BENCHMARKS) {
  const figure = await benchmark({ isWhole: values.whole });
  // What it compares with is not on this machine.
  if (figure === undefined) continue;
  const { name, ratio, low, high, goal, note } = figure;
  const rounded = (value: number) => Number(value.toFixed(3));
  if (values.json) {
    const numbers = { ratio: rounded(ratio), low: rounded(low), high: rounded(high) };
    console.log(JSON.stringify({ name, ...numbers, goal, ...(note === undefined ? {} : { note }) }));
  } else {
    const range = `(${low.toFixed(2)} to ${high.toFixed(2)}, goal ${goal})`;
    console.log(`${name.padEnd(34)} ${ratio.toFixed(2)}  ${range}${note === undefined ? '' : `  ${note}`}`);
  }
}

import { parseArgs } from 'node:util';
import { diversity20k } from './diversity.ts';
import type { Figure } from './figure.ts';
import { ingestVsDecode } from './ingest-vs-decode.ts';
import { localVsBareLoop, localVsBareLoopSmall } from './local-vs-bare-loop.ts';
import { coverRadiusVsRandom } from './selection-quality.ts';

/** Each benchmark compares two things in turn in one process; nothing depends on an absolute time. */
const BENCHMARKS: readonly (() => Promise<Figure>)[] = [
  ingestVsDecode,
  localVsBareLoop,
  localVsBareLoopSmall,
  diversity20k,
  coverRadiusVsRandom,
];

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
for (const benchmark of BENCHMARKS) {
  const { name, ratio, low, high, goal } = await benchmark();
  const rounded = (value: number) => Number(value.toFixed(3));
  if (values.json) {
    console.log(
      JSON.stringify({ name, ratio: rounded(ratio), low: rounded(low), high: rounded(high), goal }),
    );
  } else {
    console.log(
      `${name.padEnd(28)} ${ratio.toFixed(2)}  (${low.toFixed(2)} to ${high.toFixed(2)}, goal ${goal})`,
    );
  }
}

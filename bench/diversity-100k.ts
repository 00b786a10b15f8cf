import { deepStrictEqual } from 'node:assert';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { farthestFirst } from './farthest-first-textbook.ts';
import { type Figure, figureOf } from './figure.ts';
import { mostDiverse, processorSecondsOf } from './most-diverse.ts';
import { photoLikeEmbeddings, uniformEmbeddings } from './synthetic-embeddings.ts';

const SIZE = { count: 100_000, dimension: 256, seed: 2026 };
const SELECTED = 10_000;
const ROUNDS = 3;
/** Every step of the textbook, and of NumPy's loop, measures every vector, so each costs the same. */
const TEXTBOOK_STEPS = 150;
const NUMPY_STEPS = 300;
const WARM_UP = { count: 2_000, selected: 200 };

/** Which embeddings, and whether the slower side makes all of its steps. */
export interface Options {
  readonly isUniform?: boolean;
  readonly isWhole?: boolean;
}

/** Greedy selection of 10,000 out of 100,000 embeddings of 256 values, versus the loop of the textbook. */
export async function diversity100k({ isUniform = false, isWhole = false }: Options = {}): Promise<Figure> {
  const embeddings = isUniform ? uniformEmbeddings(SIZE) : photoLikeEmbeddings(SIZE);
  const steps = isWhole ? SELECTED : TEXTBOOK_STEPS;
  const warmUp = embeddings.slice(0, WARM_UP.count);
  farthestFirst(warmUp, WARM_UP.selected, (await mostDiverse(warmUp, WARM_UP.selected))[0] ?? 0);
  const ratios: number[] = [];
  for (let round = 0; round < (isWhole ? 1 : ROUNDS); round++) {
    const selection = await processorSecondsOf(() => mostDiverse(embeddings, SELECTED));
    const textbook = await processorSecondsOf(async () =>
      farthestFirst(embeddings, steps, selection.value[0] ?? 0),
    );
    deepStrictEqual(selection.value.slice(0, steps), textbook.value);
    ratios.push((textbook.seconds * ((SELECTED - 1) / (steps - 1))) / selection.seconds);
  }
  const figure = figureOf(`diversity-100k${isUniform ? '-uniform' : ''}-vs-textbook`, '>= 20', ratios);
  return isWhole ? figure : { ...figure, note: extrapolated('textbook', steps) };
}

/** The same selection versus NumPy's running minimum; undefined where there is no python3 with numpy. */
export async function diversity100kNumpy({ isWhole = false }: Options = {}): Promise<Figure | undefined> {
  if (!(await hasNumpy())) return undefined;
  const embeddings = photoLikeEmbeddings(SIZE);
  const steps = isWhole ? SELECTED : NUMPY_STEPS;
  const scratch = await mkdtemp(join(tmpdir(), 'winnow-bench-'));
  const file = join(scratch, 'vectors.f32');
  try {
    await writeFile(file, new Uint8Array(embeddings[0]?.buffer ?? new ArrayBuffer(0)));
    const ratios: number[] = [];
    let same = 0;
    for (let round = 0; round < (isWhole ? 1 : ROUNDS); round++) {
      const selection = await processorSecondsOf(() => mostDiverse(embeddings, SELECTED));
      const numpy = await runningMinimum(file, steps, selection.value[0] ?? 0);
      same = numpy.chosen.filter((choice, step) => choice === selection.value[step]).length;
      ratios.push((numpy.seconds * ((SELECTED - 1) / (steps - 1))) / selection.seconds);
    }
    const note = `${same} of ${steps} choices the same: NumPy's sums are float32`;
    const figure = figureOf('diversity-100k-vs-numpy', '>= 10', ratios);
    return { ...figure, note: isWhole ? note : `${extrapolated('NumPy', steps)}; ${note}` };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const extrapolated = (side: string, steps: number): string =>
  `${side} measured on ${steps} of ${SELECTED} steps, which all cost the same, and extrapolated`;

const run = promisify(execFile);

const hasNumpy = (): Promise<boolean> =>
  run('python3', ['-c', 'import numpy']).then(
    () => true,
    () => false,
  );

async function runningMinimum(file: string, steps: number, first: number) {
  const script = join(import.meta.dirname, 'running-minimum.py');
  const { stdout } = await run('python3', [script, file, `${SIZE.dimension}`, `${steps}`, `${first}`]);
  return JSON.parse(stdout) as { seconds: number; chosen: number[] };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      uniform: { type: 'boolean', default: false },
      numpy: { type: 'boolean', default: false },
      whole: { type: 'boolean', default: false },
    },
  });
  const options = { isUniform: values.uniform, isWhole: values.whole };
  console.log(await (values.numpy ? diversity100kNumpy(options) : diversity100k(options)));
}

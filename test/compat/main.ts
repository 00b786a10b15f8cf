/** `npm run test:compat`: programs of users of the real Python client, against the pipeline on this machine. */
import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import { ensurePythonEnvironment } from '../support/python-environment.ts';
import { CHAPTERS, type Chapter } from './chapters.ts';
import { type CompatWorld, startCompatWorld } from './compat-world.ts';
import { PYTHON_CLIENT } from './python-client.ts';
import { compatibilityReport } from './report.ts';
import { type ChapterResult, clientSurface, runChapter } from './run-chapter.ts';

const HELP = `Drives the real Python client against the pipeline on this machine.

Usage: npm run test:compat -- [options] [chapter ...]

  chapter     only these, such as tags.py; methods that they don't call count as failed
  --logs      print what the functions print
  --help      print this text
`;
/** They wait for the server most of the time. */
const CHAPTERS_AT_ONCE = 3;

async function run(chapters: readonly Chapter[], logs: boolean): Promise<boolean> {
  const starting = startCompatWorld(logs ? (text) => console.log(text) : undefined);
  starting.catch(() => undefined);
  try {
    const python = await ensurePythonEnvironment(PYTHON_CLIENT, (text) => console.log(text));
    const surface = await clientSurface(python);
    const results = await runChapters(chapters, python, await starting);
    const { text, passed, failed } = compatibilityReport(surface, results);
    console.log(text);
    console.log(`${passed} passed, ${failed} failed`);
    return failed === 0;
  } finally {
    await starting.then((world) => world.close());
  }
}

async function runChapters(
  chapters: readonly Chapter[],
  python: string,
  world: CompatWorld,
): Promise<ChapterResult[]> {
  const prepared: (readonly [Chapter, string[]])[] = [];
  for (const chapter of chapters) prepared.push([chapter, await chapter.prepare(world)]);
  await world.atRest();
  const limit = pLimit(CHAPTERS_AT_ONCE);
  const setting = { ...world, python };
  return Promise.all(
    prepared.map(([{ file }, parameters]) =>
      limit(async () => {
        const result = await runChapter(file, parameters, setting);
        console.log(`${result.passed ? 'ok    ' : 'FAILED'} ${file} (${result.seconds.toFixed(1)} s)`);
        if (!result.passed) console.log(result.output);
        return result;
      }),
    ),
  );
}

try {
  const flag = { type: 'boolean', default: false } as const;
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { logs: flag, help: flag } });
  const unknown = positionals.filter((name) => !CHAPTERS.some(({ file }) => file === name));
  if (unknown.length > 0)
    throw new Error(`There is no chapter ${unknown.join(', ')} in test/compat/chapters.`);
  const chosen = CHAPTERS.filter(({ file }) => positionals.length === 0 || positionals.includes(file));
  if (values.help) console.log(HELP);
  else process.exitCode = (await run(chosen, values.logs)) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const RECORDER = join(FOLDER, 'python', 'record.py');
const LONGEST_CHAPTER_MS = 150_000;

/** By name as `ApiWorkflowClient.create_dataset`: `ok`, and the classes of exceptions that calls ended with. */
const outcomes = z.record(z.string(), z.array(z.string()));
export type Outcomes = z.infer<typeof outcomes>;

export interface ChapterResult {
  readonly file: string;
  readonly passed: boolean;
  readonly seconds: number;
  /** What it printed, on both streams. */
  readonly output: string;
  readonly calls: Outcomes;
}

export interface ChapterSetting {
  readonly python: string;
  readonly apiUrl: string;
  readonly token: string;
  /** Folder for its files. */
  readonly scratch: string;
}

/** Runs a chapter in an interpreter whose environment says where the server is, and nothing else. */
export async function runChapter(
  file: string,
  parameters: readonly string[],
  { python, apiUrl, token, scratch }: ChapterSetting,
): Promise<ChapterResult> {
  const home = join(scratch, file);
  mkdirSync(home);
  const record = join(home, 'record.json');
  const started = performance.now();
  const environment = { LIGHTLY_SERVER_LOCATION: apiUrl, LIGHTLY_TOKEN: token };
  const { code, output } = await runPython(
    python,
    [RECORDER, record, join(FOLDER, 'chapters', file), ...parameters],
    { ...environment, HOME: home, PATH: process.env.PATH },
    home,
  );
  return {
    file,
    passed: code === 0,
    seconds: (performance.now() - started) / 1000,
    output,
    calls: existsSync(record) ? outcomes.parse(JSON.parse(readFileSync(record, 'utf8'))) : {},
  };
}

/** Every public name of the client, with the exceptions that its documentation promises. */
export async function clientSurface(python: string): Promise<Outcomes> {
  const { code, output } = await runPython(
    python,
    [RECORDER, '--surface'],
    { PATH: process.env.PATH },
    FOLDER,
  );
  if (code !== 0) throw new Error(`The client's methods could not be listed:\n${output}`);
  return outcomes.parse(JSON.parse(output));
}

function runPython(
  python: string,
  parameters: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const options = { env, cwd, timeout: LONGEST_CHAPTER_MS, killSignal: 'SIGKILL' } as const;
    // -B: no bytecode next to the sources.
    const child = spawn(python, ['-B', ...parameters], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (signal) output += `\nEnded by ${signal}: it took longer than ${LONGEST_CHAPTER_MS / 1000} s.`;
      resolve({ code, output });
    });
  });
}

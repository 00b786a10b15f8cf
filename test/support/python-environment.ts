import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PYTHON_COMMANDS = ['python3', 'python'];
const OLDEST_PYTHON = [3, 8] as const;
const ENVIRONMENTS = fileURLToPath(new URL('../../.winnow/python', import.meta.url));
const IS_USABLE = `import sys, venv, ensurepip; sys.exit(sys.version_info < (${OLDEST_PYTHON.join(', ')}))`;

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

/** What a virtual environment has. */
export interface PythonPackages {
  /** For people: what is installed. */
  readonly name: string;
  /** The arguments of `pip install`, one list for each time that it runs. */
  readonly installations: readonly (readonly string[])[];
  /** A module of it that has to be importable. */
  readonly module: string;
}

/**
 * A virtual environment, made once for each list of packages and version of Python.
 *
 * @returns its interpreter
 * @throws Error that says what is missing: Python, its venv module, or access to PyPI
 */
export async function ensurePythonEnvironment(
  { name, installations, module }: PythonPackages,
  log: (text: string) => void,
): Promise<string> {
  const { command, version } = await findPython();
  const wanted = createHash('sha256').update(JSON.stringify([version, installations]));
  const directory = join(ENVIRONMENTS, wanted.digest('hex').slice(0, 16));
  const python = join(directory, 'bin', 'python');
  const complete = join(directory, 'complete');
  const check = ['-c', `import ${module}`];
  if (existsSync(complete) && (await run(python, check)).code === 0) return python;

  log(`Installing ${name} from PyPI for Python ${version} ...`);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  await mustSucceed('make a virtual environment', command, ['-m', 'venv', directory]);
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  for (const packages of installations) {
    const what = `install ${packages.join(' ')}. It needs access to PyPI, directly or as pip is configured.`;
    await mustSucceed(what, python, [...install, ...packages]);
  }
  await mustSucceed(`import ${module}`, python, check);
  writeFileSync(complete, '');
  return python;
}

async function findPython(): Promise<{ command: string; version: string }> {
  for (const command of PYTHON_COMMANDS) {
    if ((await run(command, ['-c', IS_USABLE])).code !== 0) continue;
    const { output } = await run(command, ['-c', 'import sys; print(sys.version.split()[0])']);
    return { command, version: output.trim() };
  }
  const oldest = OLDEST_PYTHON.join('.');
  throw new Error(
    `There is no Python: neither ${PYTHON_COMMANDS.join(' nor ')} is a Python ${oldest} or ` +
      'newer with its venv module. Install one (on Debian and Ubuntu: apt install python3 python3-venv).',
  );
}

async function mustSucceed(what: string, command: string, parameters: readonly string[]): Promise<void> {
  const { code, output } = await run(command, parameters);
  if (code !== 0) throw new Error(`Could not ${what}\n${output.trim()}`);
}

/** Both streams in one text; a command that can't be started has no exit code. */
function run(command: string, parameters: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', (error) => resolve({ code: null, output: error.message }));
    child.once('close', (code) => resolve({ code, output }));
  });
}

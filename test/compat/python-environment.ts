import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The newest release that still has `lightly.api`; 1.6 has not. */
export const CLIENT_RELEASE = 'lightly==1.5.26';
/** What `lightly.api` needs of what the package requires: no torch, no torchvision, no pytorch_lightning. */
export const REQUIREMENTS = [
  'certifi',
  'hydra-core',
  'lightly_utils',
  'numpy',
  'python_dateutil',
  'requests',
  'six',
  'tqdm',
  'urllib3',
  'pydantic',
  'aenum',
];
const PYTHON_COMMANDS = ['python3', 'python'];
const OLDEST_PYTHON = [3, 8] as const;
const ENVIRONMENTS = fileURLToPath(new URL('../../.winnow/python', import.meta.url));
const IS_USABLE = `import sys, venv, ensurepip; sys.exit(sys.version_info < (${OLDEST_PYTHON.join(', ')}))`;

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

/**
 * A virtual environment with the real client, made once for each list of packages and version of Python.
 *
 * @returns its interpreter
 * @throws Error that says what is missing: Python, its venv module, or access to PyPI
 */
export async function ensurePythonEnvironment(log: (text: string) => void): Promise<string> {
  const { command, version } = await findPython();
  const wanted = createHash('sha256').update(JSON.stringify([version, CLIENT_RELEASE, REQUIREMENTS]));
  const directory = join(ENVIRONMENTS, wanted.digest('hex').slice(0, 16));
  const python = join(directory, 'bin', 'python');
  const complete = join(directory, 'complete');
  if (existsSync(complete) && (await run(python, ['-c', 'import lightly.api'])).code === 0) return python;

  log(`Installing ${CLIENT_RELEASE} from PyPI for Python ${version} ...`);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  await mustSucceed('make a virtual environment', command, ['-m', 'venv', directory]);
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  const remedy = 'It needs access to PyPI, directly or as pip is configured.';
  await mustSucceed(`install ${CLIENT_RELEASE}. ${remedy}`, python, [
    ...install,
    '--no-deps',
    CLIENT_RELEASE,
  ]);
  await mustSucceed(`install what the client needs. ${remedy}`, python, [...install, ...REQUIREMENTS]);
  await mustSucceed('import the client', python, ['-c', 'import lightly.api']);
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
    `There is no Python to run the client with: neither ${PYTHON_COMMANDS.join(' nor ')} is a Python ${oldest} or ` +
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

/** `npm run test:moto`: tests of access to datasources, against moto's server with IAM enforced. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { ensurePythonEnvironment, type PythonPackages } from '../support/python-environment.ts';

const MOTO: PythonPackages = {
  name: 'moto[server]==5.2.1',
  installations: [['moto[server]==5.2.1']],
  module: 'moto.server',
};
const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const SERVER = fileURLToPath(new URL('moto-server.py', import.meta.url));
const TESTS = 'test/contract/datasource-access.test.ts';
const MOST_STARTING_MS = 30_000;

/** @returns undefined where this machine has no moto and can't be given it */
async function findPython(): Promise<string | undefined> {
  try {
    return await ensurePythonEnvironment(MOTO, (text) => console.log(text));
  } catch (error) {
    console.log(`not run: no moto: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (typeof address !== 'object' || !address) throw new Error('Expected an address with a port');
  return address.port;
}

/** Resolves when the server answers. @throws Error where it ends before, or takes too long */
async function untilAnswers(endpoint: string, server: ChildProcess): Promise<void> {
  const end = Date.now() + MOST_STARTING_MS;
  while (Date.now() < end && server.exitCode === null) {
    const isUp = await fetch(`${endpoint}/moto-api/data.json`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(
    `moto's server did not start: it ended with ${server.exitCode ?? 'nothing, and does not answer'}`,
  );
}

/** @returns true where all tests pass */
async function runTests(endpoint: string): Promise<boolean> {
  const jest = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
  ];
  const child = spawn(process.execPath, [...jest, '--verbose', TESTS], {
    cwd: PROJECT,
    stdio: 'inherit',
    env: { ...process.env, MOTO_ENDPOINT: endpoint },
  });
  const [code] = await once(child, 'close');
  return code === 0;
}

const python = await findPython();
if (python) {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const server = spawn(python, [SERVER, String(port)], { stdio: ['ignore', 'ignore', 'ignore'] });
  try {
    await untilAnswers(endpoint, server);
    process.exitCode = (await runTests(endpoint)) ? 0 : 1;
  } finally {
    server.kill();
  }
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiWorkflowClient } from '../../client/index.ts';
import { startApiServer } from './api-server.ts';
import { ADMINISTRATOR_TOKEN, startApiWorld } from './api-world.ts';
import { killPrograms, type Program, startProgram } from './program.ts';

export interface Printed {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface WinnowOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

/** The `winnow` command as a process, and the API that it talks to. */
export async function startCliWorld(overrides: Parameters<typeof startApiWorld>[0] = {}) {
  const world = await startApiWorld(overrides);
  const server = await startApiServer(world);
  const folder = mkdtempSync(join(tmpdir(), 'winnow-cli-'));
  const environment = {
    WINNOW_API_URL: server.url,
    WINNOW_TOKEN: ADMINISTRATOR_TOKEN,
    LIGHTLY_SERVER_LOCATION: '',
    LIGHTLY_TOKEN: '',
  };
  const start = (parameters: readonly string[], { env, input }: WinnowOptions = {}): Running =>
    observed(
      startProgram('cli/main.ts', parameters, {
        cwd: folder,
        env: { ...environment, ...env },
        ...(input !== undefined && { input }),
      }),
    );
  const winnow = async (parameters: readonly string[], options?: WinnowOptions): Promise<Printed> =>
    start(parameters, options).ended;
  return {
    world,
    server,
    /** Variables by which a command finds the API. */
    environment,
    /** Where the commands run. */
    folder,
    client: new ApiWorkflowClient({ token: ADMINISTRATOR_TOKEN, serverLocation: server.url }),
    start,
    winnow,
    /** What a command prints with `--json`. */
    json: async (...parameters: string[]) => {
      const { code, stdout, stderr } = await winnow([...parameters, '--json']);
      if (code !== 0) throw new Error(`${parameters.join(' ')} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout);
    },
    stop: async () => {
      killPrograms();
      rmSync(folder, { recursive: true, force: true });
      await server.stop();
      await world.stop();
    },
  };
}
export type CliWorld = Awaited<ReturnType<typeof startCliWorld>>;

export interface Running {
  readonly program: Program;
  readonly ended: Promise<Printed>;
}

function observed(program: Program): Running {
  const { child } = program;
  const texts = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: string) => {
    texts.stdout += chunk;
  });
  child.stderr?.on('data', (chunk: string) => {
    texts.stderr += chunk;
  });
  return { program, ended: program.exited.then(({ code }) => ({ code, ...texts })) };
}

import { createServer } from 'node:net';
import { join } from 'node:path';
import { type AccountServerParts, startAccountServer } from './account-server.ts';
import { type FunctionUrlParts, startFunctionUrl } from './function-url.ts';
import type { StateDirectory } from './state-directory.ts';
import { type StorageServerParts, startStorageServer } from './storage-server.ts';
import { startTableServer } from './table-server.ts';

export interface ServerParts extends StorageServerParts, Omit<AccountServerParts, 'gate'> {
  readonly state: StateDirectory;
  /** By the logical id of the URL. */
  readonly functionUrls: Readonly<Record<string, FunctionUrlParts>>;
  readonly onProblem: (text: string) => void;
}

/** Without a slash at the end. */
export interface ServerUrls {
  readonly storage: string;
  readonly tables: string;
  readonly account: string;
  readonly functionUrls: Readonly<Record<string, string>>;
}
export interface Servers extends ServerUrls {
  readonly close: () => Promise<void>;
}

interface Server {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Starts every server on 127.0.0.1, on the ports of the last run where they are free. */
export async function startServers(parts: ServerParts): Promise<Servers> {
  const { ports } = parts.state.remembered;
  const running: Server[] = [];
  const start = async (name: string, starter: (port: number) => Promise<Server>): Promise<string> => {
    const server = await starter(await freePort(ports[name], name, parts.onProblem));
    running.push(server);
    ports[name] = server.port;
    return `http://127.0.0.1:${server.port}`;
  };
  const [storage, tables, account, ...urls] = await Promise.all([
    start('storage', (port) => startStorageServer(parts, port)),
    start('tables', (port) =>
      startTableServer({ gate: parts.gate, directory: tableDirectory(parts.state) }, port),
    ),
    start('account', (port) => startAccountServer(parts, port)),
    ...Object.entries(parts.functionUrls).map(async ([logicalId, urlParts]) => [
      logicalId,
      await start(logicalId, (port) => startFunctionUrl(urlParts, port)),
    ]),
  ]);
  return {
    storage,
    tables,
    account,
    functionUrls: Object.fromEntries(urls as [string, string][]),
    close: async () => {
      await Promise.all(running.map((server) => server.close()));
    },
  };
}

/** Memory answers faster than files, and is enough for what ends with the process. */
const tableDirectory = ({ path, temporary }: StateDirectory): string | undefined =>
  temporary ? undefined : join(path, 'tables');

/** The remembered port, or 0 for any where there is none or another program took it. */
async function freePort(
  remembered: number | undefined,
  name: string,
  onProblem: (text: string) => void,
): Promise<number> {
  if (remembered === undefined) return 0;
  const probe = createServer();
  const free = await new Promise<boolean>((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(remembered, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
  if (!free) onProblem(`port ${remembered} is taken: the address of ${name} is another one than last time`);
  return free ? remembered : 0;
}

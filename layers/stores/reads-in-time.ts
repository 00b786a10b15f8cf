import type { Readable } from 'node:stream';
import { DatasourceError } from '#contracts/errors';
import type { DatasourceConnections, ReadableDatasource } from '#platform/datasources/datasource-objects';
import type { Datasource } from '#platform/datasources/datasources';
import { namedServerOf } from '#platform/datasources/store-traits';

/**
 * Datasources whose files are read within `mostMs`, or not at all, where they are on servers that somebody has named: such a
 * server may say nothing, or one byte after the other, for as long as it likes. Listing, writing, and all that is on
 * the servers of Google, Azure and AWS is as it was.
 *
 * What takes longer throws a DatasourceError, UNREACHABLE; a body, while it is read.
 */
export function readsInTime(connections: DatasourceConnections, mostMs: number): DatasourceConnections {
  const open = async (datasource: Datasource): Promise<ReadableDatasource> => {
    const opened = await connections.open(datasource);
    const server = namedServerOf(datasource);
    return server === undefined ? opened : { ...opened, ...limited(opened, server, mostMs) };
  };
  return { open: open as DatasourceConnections['open'] };
}

function limited(
  opened: ReadableDatasource,
  server: string,
  mostMs: number,
): Pick<ReadableDatasource, 'head' | 'open' | 'tags'> {
  const tooLate = (): DatasourceError =>
    new DatasourceError(
      `${server} takes longer than ${Math.ceil(mostMs / 1000)} seconds to send a file. See that it answers faster.`,
      { code: 'UNREACHABLE', scope: 'datasource', action: 'read', resource: server },
    );
  return {
    head: (...file) => inTime(opened.head(...file), mostMs, tooLate),
    tags: (...file) => inTime(opened.tags(...file), mostMs, tooLate),
    open: async (...file) => {
      const end = Date.now() + mostMs;
      const answer = opened.open(...file);
      const found = await inTime(answer, mostMs, tooLate).catch((error: unknown) => {
        // Nobody reads what comes now.
        answer.then((late) => late?.body.destroy()).catch(() => undefined);
        throw error;
      });
      if (found) endBy(found.body, end, tooLate);
      return found;
    },
  };
}

async function inTime<T>(answer: Promise<T>, mostMs: number, tooLate: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate()), mostMs);
  });
  try {
    return await Promise.race([answer, over]);
  } finally {
    clearTimeout(timer);
  }
}

function endBy(body: Readable, end: number, tooLate: () => Error): void {
  const timer = setTimeout(() => body.destroy(tooLate()), Math.max(end - Date.now(), 0));
  body.once('close', () => clearTimeout(timer));
  // Whoever reads it is told; where nobody does yet, that is no fault of the process.
  body.on('error', () => undefined);
}

import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { documentClientOn } from '#aws/clients';
import { openTable, type Table } from '#aws/table';

/** The same table through a server that passes requests on; writes of whole items can be kept from it, or their answers. */
export async function startSlowTable({ client, name }: Table) {
  const { hostname, port } = await client.config.endpoint!();
  let holdUp: { readonly what: 'writes' | 'answers'; readonly onWrite: () => void } | undefined;
  const server = createServer((incoming, response) => {
    const hold = incoming.headers['x-amz-target']?.toString().endsWith('.PutItem') ? holdUp : undefined;
    holdUp = hold ? undefined : holdUp;
    hold?.onWrite();
    // Nobody is answered: whoever asks gives up by itself.
    if (hold?.what !== 'writes') passOn(incoming, { hostname, port }, hold ? undefined : response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { region, credentials } = client.config;
  const slow = new DynamoDBClient({ endpoint, region, credentials });
  return {
    table: openTable(name, documentClientOn(slow)),
    /** Of the next write: it does not arrive, or nobody hears that it did. */
    holdUp: (what: 'writes' | 'answers', onWrite: () => void) => {
      holdUp = { what, onWrite };
    },
    stop: async () => {
      slow.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function passOn(
  incoming: IncomingMessage,
  to: { readonly hostname: string; readonly port?: number | undefined },
  response: ServerResponse | undefined,
): void {
  const { method, url: path, headers } = incoming;
  const outgoing = request({ ...to, method, path, headers }, (answer) => {
    if (!response) return void answer.resume();
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(response);
  });
  incoming.pipe(outgoing);
}

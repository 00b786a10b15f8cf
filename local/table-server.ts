import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { AccessError } from './access-error.ts';
import type { Access } from './access-policy.ts';
import type { Gate } from './gate.ts';
import { listen, readBody } from './http-server.ts';
import { ACCOUNT_ID, REGION } from './physical-names.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
type CreateDynalite = (options: Readonly<Record<string, unknown>>) => Server;

/** Has no types of its own. */
const createDynalite = createRequire(import.meta.url)('dynalite') as CreateDynalite;

/**
 * DynamoDB over HTTP on 127.0.0.1: dynalite, with signatures and permissions checked before it.
 * @param directory where tables are kept; without it, in memory
 */
export async function startTableServer(
  { gate, directory }: { readonly gate: Gate; readonly directory: string | undefined },
  port: number,
): Promise<{ port: number; close: () => Promise<void> }> {
  const dynalite = createDynalite({ path: directory, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const [answer] = dynalite.listeners('request') as Handler[];
  if (!answer) throw new Error('Expected dynalite to handle requests');
  const server = createServer((request, response) => {
    admit(request, gate)
      .then((body) => answer(replay(request, body), response))
      .catch((error: unknown) => refuse(error, response));
  });
  return {
    port: await listen(server, port),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await closeDatabase(dynalite);
    },
  };
}

/** dynalite closes its database when its server closes, which has to be open for that. */
async function closeDatabase(dynalite: Server): Promise<void> {
  await listen(dynalite, 0);
  await new Promise((resolve) => dynalite.close(resolve));
}

async function admit(request: IncomingMessage, gate: Gate): Promise<Buffer> {
  const body = await readBody(request);
  const { method = 'POST', url = '/', headers } = request;
  const bodyDigest = () => createHash('sha256').update(body).digest('hex');
  const principal = gate.authenticate({ method, url, headers, bodyDigest });
  const operation = String(headers['x-amz-target'] ?? '').split('.')[1] ?? '';
  if (principal.policies) gate.authorize(principal, tableAccesses(operation, body.toString()));
  gate.observe(principal, { service: 'dynamodb', operation });
  return body;
}

/** Names are found by pattern: a quote inside an attribute value is escaped and does not match. */
function tableAccesses(operation: string, body: string): Access[] {
  const action = `dynamodb:${operation}`;
  const table = (name: string) => `arn:aws:dynamodb:${REGION}:${ACCOUNT_ID}:table/${name}`;
  const index = /"IndexName"\s*:\s*"([^"\\]+)"/.exec(body)?.[1];
  const name = /"TableName"\s*:\s*"([^"\\]+)"/.exec(body)?.[1];
  if (name) return [{ action, resource: index ? `${table(name)}/index/${index}` : table(name) }];
  if (!operation.startsWith('Batch')) return [{ action, resource: '*' }];
  const { RequestItems = {} } = JSON.parse(body) as { RequestItems?: Record<string, unknown> };
  return Object.keys(RequestItems).map((each) => ({ action, resource: table(each) }));
}

/** The request again, with its body still to be read. */
const replay = ({ method, url, headers }: IncomingMessage, body: Buffer): IncomingMessage =>
  Object.assign(Readable.from([body]), { method, url, headers }) as unknown as IncomingMessage;

function refuse(error: unknown, response: ServerResponse): void {
  const { code, status, message } =
    error instanceof AccessError
      ? error
      : { code: 'InternalServerError', status: 500, message: String(error) };
  // DynamoDB names a refusal otherwise than S3 does.
  const type = code === 'AccessDenied' ? 'AccessDeniedException' : code;
  response.writeHead(status === 403 ? 400 : status, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify({ __type: `com.amazon.coral.service#${type}`, message }));
}

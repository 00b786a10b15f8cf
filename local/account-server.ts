import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { AccessError } from './access-error.ts';
import type { Gate } from './gate.ts';
import { closeServer, listen, readBody } from './http-server.ts';
import { escapeXml } from './object-listing.ts';
import type { Secrets } from './secrets.ts';
import type { SecurityTokens } from './security-tokens.ts';

export interface AccountServerParts {
  readonly gate: Gate;
  readonly secrets: Secrets;
  readonly tokens: SecurityTokens;
}

/** STS and Secrets Manager over HTTP on 127.0.0.1. */
export async function startAccountServer(
  parts: AccountServerParts,
  port: number,
): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const target = String(request.headers['x-amz-target'] ?? '');
    const answering = target.startsWith('secretsmanager.')
      ? answerSecrets(request, target.split('.')[1] ?? '', parts).then((body) =>
          sendJson(response, 200, body),
        )
      : answerTokens(request, parts).then((xml) => sendXml(response, 200, xml));
    answering.catch((error: unknown) => {
      const { code, status, message } =
        error instanceof AccessError
          ? error
          : { code: 'InternalFailure', status: 500, message: String(error) };
      if (target)
        sendJson(response, 400, { __type: code === 'AccessDenied' ? `${code}Exception` : code, message });
      else sendXml(response, status, errorXml(code, message));
    });
  });
  return { port: await listen(server, port), close: () => closeServer(server) };
}

async function authenticate(request: IncomingMessage, gate: Gate) {
  const body = await readBody(request);
  const { method = 'POST', url = '/', headers } = request;
  const bodyDigest = () => createHash('sha256').update(body).digest('hex');
  return { principal: gate.authenticate({ method, url, headers, bodyDigest }), body: body.toString() };
}

async function answerSecrets(
  request: IncomingMessage,
  operation: string,
  { gate, secrets }: AccountServerParts,
): Promise<unknown> {
  const { principal, body } = await authenticate(request, gate);
  const { SecretId = '' } = JSON.parse(body) as { SecretId?: string };
  const secret = secrets.find(SecretId);
  const resource = secret?.arn ?? SecretId;
  gate.authorize(principal, [{ action: `secretsmanager:${operation}`, resource }]);
  gate.observe(principal, { service: 'secretsmanager', operation });
  if (operation !== 'GetSecretValue') {
    throw new AccessError('InvalidRequestException', `The local cloud does not know ${operation}`, 400);
  }
  if (!secret) {
    throw new AccessError(
      'ResourceNotFoundException',
      "Secrets Manager can't find the specified secret.",
      400,
    );
  }
  return {
    ARN: secret.arn,
    Name: secret.name,
    SecretString: secret.value,
    VersionId: '00000000-0000-4000-8000-000000000000',
    VersionStages: ['AWSCURRENT'],
  };
}

async function answerTokens(request: IncomingMessage, { gate, tokens }: AccountServerParts): Promise<string> {
  const { principal, body } = await authenticate(request, gate);
  const parameters = new URLSearchParams(body);
  const operation = parameters.get('Action') ?? '';
  gate.observe(principal, { service: 'sts', operation });
  const result = tokens.answer(principal, operation, parameters);
  return (
    `<${operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">` +
    `<${operation}Result>${result}</${operation}Result>` +
    `<ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></${operation}Response>`
  );
}

const errorXml = (code: string, message: string): string =>
  '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>' +
  `<Code>${code}</Code><Message>${escapeXml(message)}</Message></Error><RequestId>local</RequestId></ErrorResponse>`;

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
}

function sendXml(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
}

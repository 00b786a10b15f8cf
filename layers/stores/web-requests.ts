import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { DatasourceError } from '#contracts/errors';
import type { GuardedAgents } from './address-guard.ts';

/** Without a byte for so long (ms), a server has gone. */
const LONGEST_SILENCE_MS = 30_000;

export interface WebAnswer {
  readonly status: number;
  /** In lower case. */
  readonly headers: IncomingMessage['headers'];
  /** It must be read or destroyed. */
  readonly body: IncomingMessage;
}

/**
 * Asks a web server. Redirects are not followed: where they lead, nobody has configured.
 * @throws DatasourceError where it redirects, or its address is a private one; what became of the connection as it came
 */
export async function askWeb(
  url: string,
  agents: GuardedAgents,
  options: { readonly method: 'GET' | 'HEAD'; readonly bytes?: number | undefined },
): Promise<WebAnswer> {
  const headers = {
    'accept-encoding': 'identity',
    ...(options.bytes !== undefined && { range: `bytes=0-${options.bytes - 1}` }),
  };
  const { method } = options;
  const body = await new Promise<IncomingMessage>((resolve, reject) => {
    const isSecure = url.startsWith('https:');
    const agent = isSecure ? agents.httpsAgent : agents.httpAgent;
    const asked = (isSecure ? requestHttps : requestHttp)(url, { method, headers, agent }, resolve);
    asked.setTimeout(LONGEST_SILENCE_MS, () => asked.destroy(timedOut()));
    asked.on('error', reject).end();
  });
  const status = body.statusCode ?? 0;
  if (status >= 300 && status < 400) {
    body.destroy();
    throw new DatasourceError(
      `The web server answers ${withoutQuery(url)} with a redirect, which is not followed. Set webServerLocation to where it leads.`,
      { code: 'MISCONFIGURED', scope: 'datasource', action: method, resource: withoutQuery(url) },
    );
  }
  return { status, headers: body.headers, body };
}

const timedOut = (): Error =>
  Object.assign(new Error('The web server says nothing any more.'), { code: 'ETIMEDOUT' });

const withoutQuery = (url: string): string => url.split('?')[0] ?? '';

import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { AccessError } from './access-error.ts';
import type { Principal } from './principals.ts';

/** A request as it arrived, before any rewriting. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** SHA-256 of the body, hex; only asked for where the request does not state it. */
  readonly bodyDigest: () => string;
}

/** AWS allows clocks to differ by this. */
const CLOCK_SKEW_MS = 15 * 60_000;
const LONGEST_PRESIGNED_SECONDS = 7 * 24 * 3600;

interface Claim {
  readonly accessKeyId: string;
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly signedAt: string;
  readonly sessionToken: string | undefined;
  readonly payload: string;
  /** Seconds; only for presigned URLs. */
  readonly expires: number | undefined;
}

/**
 * Who signed the request, by AWS Signature Version 4 in headers or in the query.
 * The digest of a body that the client states is believed: reading hundreds of megabytes twice buys nothing here.
 * @throws AccessError where nobody did, or where key, signature, time or session do not hold
 */
export function verifySignature(
  request: SignedRequest,
  find: (accessKeyId: string) => Principal | undefined,
  now: number,
): Principal {
  const [path = '/', query = ''] = splitOnce(request.url, '?');
  const claim = claimInHeader(request) ?? claimInQuery(query, request);
  if (!claim) throw new AccessError('AccessDenied', 'The request is not signed');
  const principal = find(claim.accessKeyId);
  if (!principal) {
    throw new AccessError('InvalidAccessKeyId', 'The access key ID does not exist in this local cloud');
  }
  checkTime(claim, now);
  const signs = (canonicalPath: string) =>
    sameText(claim.signature, expectedSignature(claim, principal, request, canonicalPath, query));
  // Some clients sign the encoded form of a path that they send less encoded.
  if (!signs(path) && !signs(encodePath(path))) {
    throw new AccessError('SignatureDoesNotMatch', 'The signature does not match key and request');
  }
  if (principal.sessionToken !== undefined && principal.sessionToken !== claim.sessionToken) {
    throw new AccessError('InvalidToken', 'The session token does not belong to the access key', 400);
  }
  if (principal.expiresAt !== undefined && principal.expiresAt <= now) {
    throw new AccessError('ExpiredToken', 'The session has expired', 400);
  }
  return principal;
}

function claimInHeader({ headers, bodyDigest }: SignedRequest): Claim | undefined {
  const match =
    /^AWS4-HMAC-SHA256 +Credential=([^/]+)\/([^, ]+), *SignedHeaders=([^, ]+), *Signature=([0-9a-f]+)$/.exec(
      headers.authorization ?? '',
    );
  if (!match) return undefined;
  const [, accessKeyId = '', scope = '', signedHeaders = '', signature = ''] = match;
  return {
    accessKeyId,
    scope,
    signedHeaders: signedHeaders.split(';'),
    signature,
    signedAt: header(headers, 'x-amz-date'),
    sessionToken: header(headers, 'x-amz-security-token') || undefined,
    payload: header(headers, 'x-amz-content-sha256') || bodyDigest(),
    expires: undefined,
  };
}

function claimInQuery(query: string, { headers }: SignedRequest): Claim | undefined {
  if (!query.includes('X-Amz-Signature=')) return undefined;
  const values = new URLSearchParams(query);
  const [accessKeyId = '', scope = ''] = splitOnce(values.get('X-Amz-Credential') ?? '', '/');
  const stated = values.get('X-Amz-Content-Sha256') ?? header(headers, 'x-amz-content-sha256');
  return {
    accessKeyId,
    scope,
    signedHeaders: (values.get('X-Amz-SignedHeaders') ?? '').split(';'),
    signature: values.get('X-Amz-Signature') ?? '',
    signedAt: values.get('X-Amz-Date') ?? '',
    sessionToken: values.get('X-Amz-Security-Token') ?? undefined,
    payload: stated || 'UNSIGNED-PAYLOAD',
    expires: Number(values.get('X-Amz-Expires')),
  };
}

function checkTime({ signedAt, expires }: Claim, now: number): void {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(signedAt);
  if (!match) throw new AccessError('AccessDenied', 'The request does not say when it was signed');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const at = Date.UTC(year, month - 1, day, hour, minute, second);
  if (at - now > CLOCK_SKEW_MS) {
    throw new AccessError('RequestTimeTooSkewed', 'The request was signed in the future');
  }
  if (expires === undefined) {
    if (now - at > CLOCK_SKEW_MS) throw new AccessError('RequestTimeTooSkewed', 'The request is too old');
    return;
  }
  if (!(expires >= 1 && expires <= LONGEST_PRESIGNED_SECONDS)) {
    throw new AccessError('AuthorizationQueryParametersError', 'X-Amz-Expires must be 1 to 604800', 400);
  }
  if (now > at + expires * 1000) throw new AccessError('AccessDenied', 'Request has expired');
}

function expectedSignature(
  claim: Claim,
  { secretAccessKey }: Principal,
  { method, headers }: SignedRequest,
  path: string,
  query: string,
): string {
  const canonicalRequest = [
    method,
    path,
    canonicalQuery(query),
    ...claim.signedHeaders.map((name) => `${name}:${header(headers, name).trim().replace(/ +/g, ' ')}`),
    '',
    claim.signedHeaders.join(';'),
    claim.payload,
  ].join('\n');
  const digest = createHash('sha256').update(canonicalRequest).digest('hex');
  const text = `AWS4-HMAC-SHA256\n${claim.signedAt}\n${claim.scope}\n${digest}`;
  return createHmac('sha256', signingKey(secretAccessKey, claim.scope)).update(text).digest('hex');
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  return query
    .split('&')
    .filter((pair) => pair !== '' && !pair.startsWith('X-Amz-Signature='))
    .map((pair) => {
      const [name = '', value = ''] = splitOnce(pair, '=');
      // NUL sorts before every other character: `a` stands before `a-b`, as the rules want.
      return `${encodePart(name)}\0${encodePart(value)}`;
    })
    .sort()
    .map((pair) => pair.replace('\0', '='))
    .join('&');
}

const signingKeys = new Map<string, KeyObject>();
/** A key holds for one day, region and service, so a handful of them serve every request. */
function signingKey(secret: string, scope: string): KeyObject {
  const name = `${secret}/${scope}`;
  let key = signingKeys.get(name);
  if (!key) {
    const bytes = scope
      .split('/')
      .reduce<Buffer>(
        (previous, step) => createHmac('sha256', previous).update(step).digest(),
        Buffer.from(`AWS4${secret}`),
      );
    key = createSecretKey(bytes);
    signingKeys.set(name, key);
  }
  return key;
}

const header = (headers: IncomingHttpHeaders, name: string): string => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : (value ?? '');
};

const encodePath = (path: string): string => path.split('/').map(encodePart).join('/');

/** One part of a path or query in the one form that Signature Version 4 knows. */
function encodePart(part: string): string {
  let decoded = part;
  try {
    decoded = decodeURIComponent(part);
  } catch {
    // Not an encoded text: it stands for itself.
  }
  return encodeURIComponent(decoded).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

const sameText = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));

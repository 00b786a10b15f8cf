import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import {
  type FakeAnswer,
  type FakeFiles,
  type FakeRequest,
  type FakeStore,
  rangeOf,
  type StoredFile,
  startFakeStore,
} from './fake-store.ts';

/**
 * Stands in for Google Cloud Storage: as much of its JSON API as reading and writing files takes, and URLs that are signed
 * in version 4, whose signatures it checks. It gives no tokens: clients ask an endpoint of their own without any.
 */
export const startFakeGoogleStorage = (bucket: string): Promise<FakeStore> =>
  startFakeStore((request, files) =>
    request.url.pathname.startsWith('/storage/v1/') || request.url.pathname.startsWith('/upload/')
      ? answerJson(request, files, bucket)
      : answerSigned(request, files, bucket),
  );

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
/** The JSON file that Google gives for a service account. */
export const SERVICE_ACCOUNT = {
  type: 'service_account',
  project_id: 'project',
  client_email: 'reader@project.iam.gserviceaccount.com',
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
};

const json = (body: object, status = 200): FakeAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const refusal = (status: number, message: string, reason = 'reason'): FakeAnswer =>
  json({ error: { code: status, message, errors: [{ message, reason }] } }, status);
const described = ({ name, body, lastModified, version, metadata }: StoredFile) => ({
  ...{ kind: 'storage#object', name, generation: String(version), size: String(body.length), metadata },
  timeCreated: new Date(lastModified).toISOString(),
  md5Hash: createHash('md5').update(body).digest('base64'),
});

function answerJson(request: FakeRequest, files: FakeFiles, bucket: string): FakeAnswer {
  const { pathname, searchParams } = request.url;
  const [, asked = '', file] = /\/b\/([^/]+)\/o(?:\/(.+))?$/.exec(pathname) ?? [];
  if (asked !== bucket) return refusal(404, 'The specified bucket does not exist.', 'notFound');
  if (request.method === 'POST') return upload(request, files);
  if (file === undefined) return listed(searchParams, files);
  const name = decodeURIComponent(file);
  if (files.denied.has(name)) return refusal(403, 'does not have storage.objects.get access', 'forbidden');
  const generation = searchParams.get('generation');
  const found = files.find(name, generation === null ? undefined : Number(generation));
  if (!found) return refusal(404, `No such object: ${bucket}/${name}`, 'notFound');
  if (request.method === 'DELETE') return { status: files.delete(name) ? 204 : 404 };
  return searchParams.get('alt') === 'media'
    ? rangeOf(request.headers.range, found.body)
    : json(described(found));
}

function listed(query: URLSearchParams, files: FakeFiles): FakeAnswer {
  const from = query.get('pageToken') ?? query.get('startOffset') ?? '';
  const found = files.list(query.get('prefix') ?? '', from);
  const most = Number(query.get('maxResults') ?? 1000);
  const next = found[most];
  return json({ items: found.slice(0, most).map(described), ...(next && { nextPageToken: next.name }) });
}

/** A multipart upload: what the file is called and what is in it. */
function upload({ url, headers, body }: FakeRequest, files: FakeFiles): FakeAnswer {
  const [, boundary = ''] = /boundary="?([^";]+)/.exec(headers['content-type'] ?? '') ?? [];
  const [, first = '', second = ''] = body.toString('latin1').split(`--${boundary}`);
  const contentOf = (part: string) => Buffer.from(part.slice(part.indexOf('\r\n\r\n') + 4, -2), 'latin1');
  const said = JSON.parse(contentOf(first).toString()) as {
    name?: string;
    metadata?: Record<string, string>;
  };
  const name = url.searchParams.get('name') ?? said.name ?? '';
  if (files.denied.has(name)) return refusal(403, 'does not have storage.objects.create access');
  if (url.searchParams.get('ifGenerationMatch') === '0' && files.find(name)) {
    return refusal(412, 'At least one of the pre-conditions you specified did not hold.', 'conditionNotMet');
  }
  return json(described(files.put(name, contentOf(second), { metadata: said.metadata ?? {} })));
}

/** The XML API, for those who have a URL. */
function answerSigned(
  { method, url, headers, body }: FakeRequest,
  files: FakeFiles,
  bucket: string,
): FakeAnswer {
  if (!isSigned(method, url)) return { status: 403, body: 'SignatureDoesNotMatch' };
  const [, asked, ...path] = url.pathname.split('/');
  const name = decodeURIComponent(path.join('/'));
  if (asked !== bucket) return { status: 404 };
  if (method === 'PUT') return { status: files.put(name, body) ? 200 : 500 };
  const generation = url.searchParams.get('generation');
  const found = files.find(name, generation === null ? undefined : Number(generation));
  if (!found) return { status: 404 };
  return rangeOf(headers.range, found.body);
}

/** Source: "V4 signing process with your own program" of Google Cloud Storage. */
function isSigned(method: string, url: URL): boolean {
  const signature = url.searchParams.get('X-Goog-Signature') ?? '';
  const at = url.searchParams.get('X-Goog-Date') ?? '';
  const encoded = (text: string) =>
    encodeURIComponent(text).replace(
      /[!'()*]/g,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  const query = [...url.searchParams]
    .filter(([name]) => name !== 'X-Goog-Signature')
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');
  const canonical = [
    method,
    url.pathname,
    query,
    `host:${url.hostname}`,
    '',
    'host',
    'UNSIGNED-PAYLOAD',
  ].join('\n');
  const scope = (url.searchParams.get('X-Goog-Credential') ?? '').split('/').slice(1).join('/');
  const hashed = createHash('sha256').update(canonical).digest('hex');
  const text = ['GOOG4-RSA-SHA256', at, scope, hashed].join('\n');
  return verify('sha256', Buffer.from(text), createPublicKey(privateKey), Buffer.from(signature, 'hex'));
}

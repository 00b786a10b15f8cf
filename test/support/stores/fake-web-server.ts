import { type FakeAnswer, type FakeFiles, type FakeStore, startFakeStore } from './fake-store.ts';

/** Stands in for lightly-serve, which is the web server of Python's library: no ranges, no eTags, pages of folders. */
export const startFakeWebServer = (): Promise<FakeStore> =>
  startFakeStore(({ url }, files) => {
    const path = decodeURIComponent(url.pathname).slice(1);
    if (files.denied.has(path)) return { status: 403 };
    const file = files.find(path);
    if (!file)
      return path === '' || path.endsWith('/') ? pageOf(path, files) : redirectOrNothing(path, files);
    const headers = {
      'content-type': 'image/jpeg',
      'last-modified': new Date(file.lastModified).toUTCString(),
      'content-length': String(file.body.length),
    };
    return { status: 200, headers, body: file.body };
  });

function redirectOrNothing(path: string, files: FakeFiles): FakeAnswer {
  const isFolder = files.list(`${path}/`, '').length > 0;
  return isFolder ? { status: 301, headers: { location: `/${path}/` } } : { status: 404 };
}

function pageOf(folder: string, files: FakeFiles): FakeAnswer {
  const entries = new Set(
    files.list(folder, '').map(({ name }) => /^[^/]+\/?/.exec(name.slice(folder.length))?.[0] ?? ''),
  );
  if (entries.size === 0 && folder !== '') return { status: 404 };
  const links = [...entries]
    .sort((a, b) => a.toLowerCase().localeCompare(b.toLowerCase()))
    .map((entry) => {
      const href = entry.endsWith('/')
        ? `${encodeURIComponent(entry.slice(0, -1))}/`
        : encodeURIComponent(entry);
      return `<li><a href="${href}">${entry}</a></li>`;
    });
  const elsewhere =
    '<a href="../">up</a><a href="?C=M;O=A">by date</a><a href="https://example.com/x.png">x</a>';
  const body = `<!DOCTYPE HTML><html><body><h1>Directory listing</h1>${elsewhere}<ul>${links.join('\n')}</ul></body></html>`;
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

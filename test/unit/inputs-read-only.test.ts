import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { DatasourceConfig } from '#contracts/datasources';
import type { ReadableDatasource, WritableDatasource } from '#platform/datasources/datasource-objects';
import { storeConnections } from '#stores/store-connections';
import { SERVICE_ACCOUNT } from '../support/stores/fake-google-storage.ts';
import { datasourceWith } from '../support/stores/opened-stores.ts';

/**
 * Nothing may write, move or delete what is in an INPUT datasource or the landing bucket, nor anything but `.lightly/` in
 * a datasource that is for both. These together say so:
 *
 * - here: the only sources that can form a request which changes something in a store are the few below;
 * - here: those among them that know datasources come with nothing that writes for INPUT;
 * - here: they are opened in one place, where what writes for LIGHTLY takes names below `.lightly/` only;
 * - test/infra/permissions.test.ts: the others use Winnow's own rights, and no role may change the landing bucket.
 *
 * The session of a delegated role is read-only for INPUT besides, and writes below `.lightly/` for LIGHTLY, so that S3 itself
 * would refuse (test/unit/datasource-session-policy.test.ts).
 */
const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** Who can write, and why that is never an input. */
const WRITERS: Readonly<Record<string, string>> = {
  'layers/aws/datasource-objects.ts': 'its writing half is opened for LIGHTLY only',
  'layers/stores/azure-objects.ts': 'its writing half is opened for LIGHTLY only',
  'layers/stores/gcs-objects.ts': 'its writing half is opened for LIGHTLY only',
  'layers/aws/s3-objects.ts': "with the function's own role, which can write to Winnow's buckets only",
  'layers/aws/s3-deletion.ts': "with the function's own role, which can delete in the platform bucket only",
  'layers/aws/url-signers.ts': "with the function's own role, which its URLs can't exceed",
};

const sources = ['functions', 'layers'].flatMap((folder) =>
  readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
    .map((name) => ({ path: join(folder, name), text: readFileSync(join(PROJECT, folder, name), 'utf8') })),
);

/** What a file imports of a package as values, by name. */
function imported(text: string, packageName: string): string[] {
  const declarations = text.matchAll(
    new RegExp(`import (?!type )([^;]*?) from '${packageName}(?:/[^']*)?'`, 'g'),
  );
  return [...declarations]
    .flatMap(([, names = '']) => names.replace(/[{}]/g, '').split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '));
}

/** All that a file may use of S3's client and be no writer. */
const READS = /^(S3Client|\w*ServiceException|NoSuchKey|(Get|Head|List)\w+Command|paginateList\w+)$/;
/** Methods by which the clients of other stores change something. */
const CHANGES =
  /\.(save|upload\w*|create(?!ReadStream)\w*|delete\w*|move\w*|copy\w*|rename\w*|set(Metadata|Tags|AccessTier|HTTPHeaders|StorageClass|Iam\w*)|begin\w*|make(Public|Private)|rotate\w*|combine|compose|stage\w+|commit\w+|append\w+|undelete)\(/;

function canWrite(text: string): boolean {
  const s3 = imported(text, '@aws-sdk/client-s3');
  const isOtherStore = /['"](@google-cloud\/storage|@azure\/storage-blob)['"]/.test(text);
  return (
    s3.some((name) => !READS.test(name)) ||
    /import\('@aws-sdk|@aws-sdk\/(lib-storage|s3-presigned-post)/.test(text) ||
    (isOtherStore && CHANGES.test(text))
  );
}

test('the only sources that can change something in a store are those that are known', () => {
  const writers = sources.filter(({ text }) => canWrite(text)).map(({ path }) => path);
  expect(writers.sort()).toEqual(Object.keys(WRITERS).sort());
});

test('what makes requests without the client of a store only reads', () => {
  const making = sources.filter(({ text }) =>
    /import (?!type )[^;]* from '(node:https?|node:http2|node:net|undici)'|\bfetch\(/.test(text),
  );
  const methods = making.map(({ path, text }) => [
    path,
    ...new Set(text.match(/'(GET|HEAD|PUT|POST|PATCH|DELETE)'/g)),
  ]);
  expect(methods).toEqual([
    ['layers/stores/address-guard.ts'],
    ['layers/stores/web-requests.ts', "'GET'", "'HEAD'"],
  ]);
});

test('what can write to a datasource in S3 is made in one place, where the use is LIGHTLY', () => {
  const asking = sources.filter(({ text }) => /\bs3DatasourceObjects\b/.test(text)).map(({ path }) => path);
  expect(asking.sort()).toEqual(['layers/aws/datasource-connections.ts', 'layers/aws/datasource-objects.ts']);
});

test.each(['aws/datasource-connections', 'stores/azure-objects', 'stores/gcs-objects'])(
  'what %s opens is handed on by one source, which guards what writes',
  (from) => {
    const importing = new RegExp(`[/#]${from.split('/')[1]}(\\.ts)?'`);
    const asking = sources.filter(({ text }) => importing.test(text)).map(({ path }) => path);
    expect(asking).toEqual(['layers/stores/store-connections.ts']);
  },
);

describe('what this test finds', () => {
  test.each([
    ["import { PutObjectCommand } from '@aws-sdk/client-s3';", true],
    ["import {\n  GetObjectCommand,\n  RestoreObjectCommand,\n} from '@aws-sdk/client-s3';", true],
    ["import { S3 } from '@aws-sdk/client-s3';", true],
    ["import * as s3 from '@aws-sdk/client-s3';", true],
    ["import { GetObjectCommand, type PutObjectCommandInput } from '@aws-sdk/client-s3';", false],
    ["import type { PutObjectCommand } from '@aws-sdk/client-s3';", false],
    ["import { Upload } from '@aws-sdk/lib-storage';", true],
    ["const { Storage } = await import('@google-cloud/storage'); bucket.file(name).delete();", true],
    [
      "const { Storage } = await import('@google-cloud/storage'); bucket.file(name).createReadStream();",
      false,
    ],
  ])('%j: %p', (text, writes) => {
    expect(canWrite(text)).toBe(writes);
  });
});

const CONFIGS = ((): readonly DatasourceConfig[] => {
  const key = { s3Region: 'eu-central-1', s3AccessKeyId: 'AKIA', s3SecretAccessKey: 'secret' };
  const purpose = 'INPUT_OUTPUT' as const;
  return [
    { type: 'LIGHTLY', purpose, fullPath: 's3://landing/dataset/' },
    { type: 'S3', purpose, fullPath: 's3://photos/2026', ...key },
    {
      ...{ type: 'OBS', purpose, fullPath: 'obs://photos/2026' },
      ...{ obsEndpoint: 'https://obs.example.com', obsAccessKeyId: 'key', obsSecretAccessKey: 'secret' },
    },
    {
      ...{ type: 'GCS', purpose, fullPath: 'gs://photos/2026' },
      ...{ gcsProjectId: 'project', gcsCredentials: JSON.stringify(SERVICE_ACCOUNT) },
    },
    { type: 'AZURE', purpose, fullPath: 'photos/2026', accountName: 'photos', accountKey: 'a2V5' },
    { type: 'LOCAL', purpose, fullPath: '2026', webServerLocation: 'https://photos.example.com' },
  ];
})();

describe('an INPUT datasource', () => {
  test.each(CONFIGS.map((config) => [config.type, config] as const))(
    'of type %s is opened with what reads and nothing else',
    async (_, config) => {
      const opened = await storeConnections().open(datasourceWith(config));
      expect(Object.getPrototypeOf(opened)).toBe(Object.prototype);
      expect(Object.keys(opened).sort()).toEqual(['head', 'list', 'open', 'signRead', 'tags']);
    },
  );
});

describe('a LIGHTLY datasource, of which somebody has images too,', () => {
  const ORIGINALS = [
    ...[
      'photo.jpg',
      'below/.lightly/photo.jpg',
      '.lightly',
      '.lightly/',
      '.lightlyphoto.jpg',
      '/.lightly/photo.jpg',
      '',
    ],
    ...[
      '.lightly/../photo.jpg',
      '.lightly/a/../../photo.jpg',
      '.lightly\\..\\photo.jpg',
      './.lightly/photo.jpg',
    ],
  ];

  test.each(CONFIGS.map((config) => [config.type, config] as const))(
    'of type %s takes no name beside .lightly/ to be written',
    async (_, config) => {
      const datasource = { ...datasourceWith(config), use: 'LIGHTLY' as const };
      const opened = await storeConnections().open(datasource);
      const options = { contentType: 'text/plain' };
      const writing = {
        put: (name) => opened.put(name, 'x', options),
        putIfAbsent: (name) => opened.putIfAbsent(name, 'x', options),
        delete: (name) => opened.delete(name),
        signWrite: (name) => opened.signWrite(name, 60),
      } satisfies Record<
        Exclude<keyof WritableDatasource, keyof ReadableDatasource>,
        (name: string) => Promise<unknown>
      >;
      // Whatever else it has would have to be looked at here.
      const reading = ['head', 'list', 'open', 'signRead', 'tags'];
      expect(Object.keys(opened).sort()).toEqual([...reading, ...Object.keys(writing)].sort());
      for (const name of ORIGINALS) {
        for (const write of Object.values(writing)) {
          await expect(write(name)).rejects.toThrow("only below '.lightly/'");
        }
      }
    },
  );

  test('has URLs to write below .lightly/', async () => {
    const [, s3] = CONFIGS;
    const datasource = { ...datasourceWith(s3!), use: 'LIGHTLY' as const };
    const opened = await storeConnections().open(datasource);
    const url = new URL(await opened.signWrite('.lightly/thumbnails/a_thumb.webp', 60));
    expect(url.pathname).toMatch(/\/2026\/\.lightly\/thumbnails\/a_thumb\.webp$/);
  });
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import picomatch from 'picomatch';
import { type InputSettings, inputSettings } from '#contracts/input-settings';
import { datasetSettings } from '#contracts/settings';
import { changeSettings } from '#platform/datasets/change-settings';
import { newLandingDataset } from '#platform/datasets/datasets';
import { type Datasource, datasourceOf } from '#platform/datasources/datasources';
import { compileGlob, expandedLengthOf } from '#platform/datasources/input/globs';
import { checkInputFilter, inputRules, judgeObject } from '#platform/datasources/input/input-filter';
import { LISTED_SAMPLES } from '#platform/datasources/listing/listed-files';

const NOW = Date.UTC(2026, 0, 31);
const DATASET = newLandingDataset('0'.repeat(24), 'cars', { landing: 'landing', platform: 'platform' }, NOW);
const landing = datasourceOf(DATASET, undefined, 'INPUT');
const configured: Datasource = datasourceOf(
  DATASET,
  {
    datasetId: DATASET.id,
    version: 1,
    lastModifiedAt: NOW,
    configs: [
      {
        ...{ type: 'S3DelegatedAccess', purpose: 'INPUT', fullPath: 's3://their-images/2026' },
        ...{
          s3Region: 'eu-central-1',
          s3ARN: 'arn:aws:iam::111122223333:role/Images',
          s3ExternalId: 'agreed',
        },
      },
    ],
  },
  'INPUT',
);

const file = (name: string, { size = 1_000, ageSeconds = 3_600 } = {}) => ({
  ...{ name, size, lastModified: NOW - ageSeconds * 1_000 },
});
const judge = (
  filter: Partial<InputSettings>,
  object: ReturnType<typeof file> | string,
  datasource = configured,
) => {
  const judged = typeof object === 'string' ? file(object) : object;
  return judgeObject(judged, inputRules(inputSettings.parse(filter), datasource), NOW);
};

describe('patterns of names', () => {
  test.each([
    ['*.jpg', ['a.jpg', '.jpg', '.hidden.jpg'], ['a/b.jpg', 'a.JPG', 'a.jpg.txt']],
    ['**/*.jpg', ['a.jpg', 'a/b.jpg', 'a/.b/c.jpg'], ['a.png']],
    ['2026/**', ['2026/a.jpg', '2026/1/2/a.jpg'], ['2026', 'x/2026/a.jpg']],
    ['**', ['a.jpg', 'a/b/c'], []],
    ['cam?/[0-9]*.png', ['cam1/0.png', 'camx/12ab.png'], ['cam/1.png', 'cam12/1.png', 'cam1/x.png']],
    ['{day,night}/*.{jpg,png}', ['day/a.jpg', 'night/b.png'], ['dusk/a.jpg', 'day/a.gif']],
    ['a{b,c{d,e}}f', ['abf', 'acdf', 'acef'], ['acf', 'af']],
    ['[!x]{1,}', ['a', 'b1'], ['x', 'x1']],
    ['IMG_*(1).jpg', ['IMG_7(1).jpg'], ['IMG_7.jpg']],
    ['\\{a\\}\\*', ['{a}*'], ['a', '{a}b']],
    ['[{,}]', ['{', ',', '}'], ['{,}']],
  ])('%s', (pattern, fitting, others) => {
    const matches = compileGlob(pattern);
    expect([...fitting, ...others].filter(matches)).toEqual(fitting);
  });

  test('mean what they mean elsewhere', () => {
    const part = fc.array(fc.constantFrom('a', 'b', '*', '?', '[ab]', '[^a]', '.', '{a,b*}'), {
      minLength: 1,
      maxLength: 4,
    });
    // Stars beside each other, and what begins with dots only, others read in ways of their own.
    const segment = part
      .map((parts) => parts.join(''))
      .filter((text) => !/\*\*|\*\}\*|^\.+|^\{|^[*?[]/.test(text));
    const glob = fc
      .array(fc.oneof(segment, fc.constant('**'), fc.constant('*')), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join('/'));
    const name = fc
      .array(fc.stringMatching(/^[ab][ab.]{0,2}$/), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join('/'));
    fc.assert(
      fc.property(glob, name, (pattern, path) => {
        // `a/**` is what is in a folder here, and there the folder as well, which no file can be.
        fc.pre(!pattern.endsWith('/**') || !picomatch(pattern.slice(0, -3), { dot: true })(path));
        expect(compileGlob(pattern)(path)).toBe(picomatch(pattern, { dot: true, noextglob: true })(path));
      }),
      { numRuns: 3_000 },
    );
  });

  test('take no longer where a name almost fits in many ways', () => {
    const matches = compileGlob(`**/${'*a'.repeat(200)}b`);
    const before = performance.now();
    expect(matches(`${'a/'.repeat(200)}${'a'.repeat(600)}`)).toBe(false);
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  test.each([
    ['[a', "expected a ']'"],
    ['[a/b]', "expected a ']'"],
    ['{a,b', "expected a '}'"],
    ['a}', "expected a '{'"],
    ['/a/*', "does not begin with '/'"],
    ['a/', "'a/**'"],
    ['!a', 'exclude'],
    ['a\\', "a character after '\\'"],
    ['{a,b}'.repeat(7), 'at most 100 alternatives'],
  ])('%s is refused by its place in the settings', async (pattern, reason) => {
    const datasets = { ensure: () => Promise.reject(new Error('Nothing is written.')) };
    const change = changeSettings(
      { name: 'cars', document: { input: { exclude: ['**/*.tmp', pattern] } }, make: () => DATASET },
      { datasets: datasets as never, checkSelection: () => undefined },
    );
    await expect(change).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(change).rejects.toThrow('input.exclude[1]: ');
    await expect(change).rejects.toThrow(reason);
  });

  test('are refused where those of a filter are too many characters together, braces written out', () => {
    const hundredfold = `{${'a'.repeat(99)}${',x'.repeat(99)}}${'y'.repeat(97)}`;
    expect(expandedLengthOf(hundredfold)).toBe(99 + 99 + 100 * 97);
    const include = [hundredfold, hundredfold];
    expect(() => checkInputFilter({ include, exclude: ['z'.repeat(204)] })).not.toThrow();
    expect(() => checkInputFilter({ include, exclude: ['z', 'z'.repeat(204)] })).toThrow(
      /^Settings are not valid\. input\.exclude\[1\]: expected at most 20000 characters in all patterns/,
    );
  });
});

describe('a filter', () => {
  test.each([
    [{}, 'folder/', 'folder'],
    [{}, '.lightly/metadata/a.jpg', 'reserved'],
    [{}, '../a.jpg', 'name'],
    [{}, 'a\nb.jpg', 'name'],
    [{ include: ['2026/**'] }, '2025/a.jpg', 'not-included'],
    [{ include: ['**'], exclude: ['**/tmp/**'] }, 'x/tmp/a.jpg', 'excluded'],
    [{}, 'notes.txt', 'extension'],
    [{}, 'jpg', 'extension'],
    [{}, 'cam/.jpg', 'extension'],
    [{ extensions: ['png'] }, 'a.jpg', 'extension'],
    [{ minBytes: 1_001 }, 'a.jpg', 'too-small'],
    [{ maxBytes: 999 }, 'a.jpg', 'too-large'],
    [{ minAgeSeconds: 3_601 }, 'a.jpg', 'too-young'],
    [{ maxAgeSeconds: 3_599 }, 'a.jpg', 'too-old'],
  ])('%j leaves %j out: %s', (filter, name, reason) => {
    expect(judge(filter, name)).toEqual({ skipped: reason });
  });

  test('takes what is at its limits', () => {
    const filter = { minBytes: 1_000, maxBytes: 1_000, minAgeSeconds: 3_600, maxAgeSeconds: 3_600 };
    expect(judge(filter, 'a.jpg')).toBe('taken');
  });

  test('of the landing bucket takes everything; of a bucket of somebody the images', () => {
    expect(judge({}, 'a.weird', landing)).toBe('taken');
    expect(judge({}, 'A.JPG')).toBe('taken');
    expect(judge({ extensions: [] }, 'a.weird')).toBe('taken');
    expect(judge({ extensions: ['weird'] }, 'a.WEIRD')).toBe('taken');
  });

  test('and listings go by the same extension', () => {
    for (const name of ['a.jpg', 'cam/.jpg', '.jpg', 'cam/a.b.JPEG', 'cam.jpg/a', 'a.', 'cam/..jpg'])
      expect([name, judge({}, name) === 'taken']).toEqual([name, LISTED_SAMPLES.isListed(name)]);
  });

  test('that is empty is none', () => {
    const name = fc.stringMatching(/^[a-z]{1,5}(\/[a-z.]{1,5}[a-z])?\.(jpg|PNG|webp)$/);
    const size = fc.nat();
    const empty = fc.constantFrom<Partial<InputSettings>>(
      {},
      { include: [] },
      { exclude: [] },
      { include: [], exclude: [], minBytes: 0 },
    );
    fc.assert(
      fc.property(
        empty,
        name,
        size,
        fc.integer({ min: -1_000, max: 1e9 }),
        (filter, of, bytes, ageSeconds) => {
          expect(judge(filter, file(of, { size: bytes, ageSeconds }))).toBe('taken');
        },
      ),
    );
  });

  const globs = fc.array(fc.constantFrom('a/**', '**/*.jpg', 'b*', '**/?.png', '{a,b}/*', '**'), {
    maxLength: 3,
  });
  const names = fc.constantFrom('a/x.jpg', 'b.jpg', 'b/y.png', 'c/a/z.jpg', 'x.png', 'a/b/c.webp');

  test('takes what includes take and excludes do not; more includes take more, more excludes less', () => {
    fc.assert(
      fc.property(globs, globs, globs, names, (include, exclude, more, name) => {
        const taken = judge({ include, exclude }, name) === 'taken';
        const isIncluded = include.length === 0 || include.some((glob) => compileGlob(glob)(name));
        expect(taken).toBe(isIncluded && !exclude.some((glob) => compileGlob(glob)(name)));
        if (taken && include.length > 0)
          expect(judge({ include: [...include, ...more], exclude }, name)).toBe('taken');
        if (!taken) expect(judge({ include, exclude: [...exclude, ...more] }, name)).not.toBe('taken');
      }),
    );
  });

  test('that leaves nothing between its limits is refused', () => {
    const input = { minBytes: 2, maxBytes: 1 };
    expect(() => datasetSettings.parse({ input })).toThrow('expected at most maxBytes');
  });
});

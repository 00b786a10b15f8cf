import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PatternMatcher } from '#selection/path-pattern/match-pattern';
import { parsePattern } from '#selection/path-pattern/parse-pattern';
import { checkSelectionConfig, select } from '#selection/select';
import { balance } from '../support/balances.ts';
import { candidatesOf } from '../support/selection-candidates.ts';
import { indexes, threshold, weights } from '../support/selection-entries.ts';

const matcherOf = (pattern: string) => new PatternMatcher(parsePattern(pattern, 'pattern'));
const groupsOf = (pattern: string, text: string) => {
  const groups = matcherOf(pattern).match(text);
  return groups && Object.fromEntries(groups);
};

describe('patterns of paths', () => {
  test.each([
    [
      '^(?<city>[^/]+)/(?<day>\\d{4}-\\d\\d-\\d\\d)/',
      'bern/2024-05-01/a.jpg',
      { city: 'bern', day: '2024-05-01' },
    ],
    ['(?P<camera>cam[0-9]+)_', 'x/cam12_7.jpg', { camera: 'cam12' }],
    ['(?<a>.*)/(?<b>.*)', 'p/q/r', { a: 'p/q', b: 'r' }],
    ['(?<a>.*?)/(?<b>.*)', 'p/q/r', { a: 'p', b: 'q/r' }],
    ['(?<side>left|right)|front', 'front.jpg', {}],
    ['\\b(?<w>cat|category)\\b', 'a category', { w: 'category' }],
    ['(?<end>\\.[a-z]+)$', 'a.b.jpg', { end: '.jpg' }],
    ['(?<x>[\\w.-]+)', '/é/a-b.c d', { x: 'a-b.c' }],
    ['(?<x>a)', 'b', undefined],
  ])('%s in %s', (pattern, text, groups) => {
    expect(groupsOf(pattern, text)).toEqual(groups);
  });

  test('find what JavaScript finds', () => {
    const unit = fc.constantFrom(
      'a',
      'b',
      '/',
      '.',
      '[ab]',
      '[^a/]',
      '\\w',
      '\\.',
      'ab',
      '(?:a|b)',
      '(?:|a)',
      '(?:ab|a)',
      '^',
      '$',
      '\\b',
    );
    const repetition = fc.constantFrom(
      '',
      '',
      '*',
      '+',
      '?',
      '*?',
      '+?',
      '??',
      '{2}',
      '{1,2}',
      '{0,3}?',
      '{1,}',
    );
    // What stands for a place or for nothing can't sensibly be repeated, and languages differ on it.
    const item = fc
      .tuple(unit, repetition)
      .map(([what, how]) => (/[\^$|]|\\b/.test(what) ? what : what + how));
    const sequence = fc.array(item, { minLength: 1, maxLength: 4 }).map((items) => items.join(''));
    const pattern = fc
      .tuple(sequence, sequence, sequence)
      .map(([first, second, third]) => `${first}(?<x>${second})${third}|(?<y>${third})`);
    const text = fc
      .array(fc.constantFrom('a', 'b', '/', '.'), { maxLength: 10 })
      .map((units) => units.join(''));
    fc.assert(
      fc.property(pattern, text, (source, path) => {
        const expected = new RegExp(source).exec(path)?.groups;
        const groups = expected && Object.entries(expected).filter(([, found]) => found !== undefined);
        expect(groupsOf(source, path)).toEqual(groups && Object.fromEntries(groups));
      }),
      { numRuns: 3000 },
    );
  });

  test.each([
    '^(?<x>(?:a+)+)$',
    '^(?<x>(?:a|a)*)b',
    '(?<x>\\w*\\w*\\w*\\w*\\w*\\w*)!',
    '(?<x>(?:a?){30}(?:a){30})b',
  ])('%s takes no longer than instructions times characters', (pattern) => {
    const compiled = parsePattern(pattern, 'pattern');
    const matcher = new PatternMatcher(compiled);
    const text = `${'a'.repeat(1000)}c`;
    matcher.match(text);
    // Each pair is visited once, and left at most twice to others.
    expect(matcher.steps).toBeLessThan(3 * (compiled.program.length + 1) * (text.length + 1));
  });

  test.each([
    ['(?<x>a', "pattern: a '(' without its ')' at character 7 is not supported."],
    ['(?<x>a))', "pattern: a ')' without its '(' at character 8"],
    ['(?=a)(?<x>b)', "pattern: a group that begins with '(?' at character 2"],
    ['(?<x>a)\\1', "pattern: the escape '\\1' at character 9"],
    ['(?<x>a**)', 'pattern: a repetition of a repetition at character 8'],
    ['(?<x>*)', 'pattern: a repetition of nothing at character 6'],
    ['(?<x>a{3,2})', 'pattern: a repetition whose bounds are the wrong way round at character 7'],
    ['(?<x>(?:a{30}){30})', 'pattern: a repetition as long as the one that ends at character 19'],
    ['(?<x>[z-a])', 'pattern: a range that ends before it begins at character 10'],
    ['(?<x>[a)', "pattern: a '[' without its ']' at character 9"],
    ['(?<x>a)(?<x>b)', "pattern: a second group 'x' at character 13"],
    ['a'.repeat(1001), 'pattern: expected at most 1000 characters but received 1001.'],
  ])('%s is refused', (pattern, message) => {
    expect(() => parsePattern(pattern, 'pattern')).toThrow(message);
  });
});

describe('metadata from file names', () => {
  const images = ['bern/12/a.jpg', 'basel/7/b.jpg', 'bern/7/c.jpg', 'd.jpg'].map((fileName) => ({
    ...candidatesOf([[0]], [{ city: 'somewhere' }])[0]!,
    fileName,
  }));
  const ask = (strategies: Parameters<typeof weights>[0] | unknown, nSamples = 4) =>
    select({
      config: {
        nSamples,
        strategies: strategies as ReturnType<typeof weights>[],
        lightlyPathRegex: '^(?<city>[^/]+)/(?<hour>\\d+)/',
      },
      candidates: images,
      preselected: [],
    });

  test('has categories and numbers', async () => {
    const city = { type: 'METADATA', key: 'city' } as const;
    expect(indexes(await ask([balance({ target: { bern: 0.5, basel: 0.5 } }, city)], 2))).toEqual([0, 1]);
    expect(indexes(await ask([weights('hour')]))).toEqual([0, 1, 2, 3]);
    expect(indexes(await ask([threshold('hour', 'SMALLER', 10)]))).toEqual([1, 2]);
  });

  test('takes the place of custom metadata of that name, also where it does not match', async () => {
    const city = { type: 'METADATA', key: 'city' } as const;
    const result = await ask([balance({ target: { somewhere: 1 } }, city)]);
    expect(indexes(result)).toEqual([0, 1, 2, 3]);
    expect(result.chosen[3]!.reason).toBe('Best by no class of city.');
  });

  test.each([
    ['^[^/]+/', 'lightlyPathRegex: expected a named group, for example (?<city>[^/]+), but received none.'],
    ['(?<lightly>.)', "lightlyPathRegex: a group can't be called 'lightly'"],
    ['(?<x>.)(?!y)', "lightlyPathRegex: a group that begins with '(?' at character 9"],
  ])('%s is refused when the run is scheduled', (lightlyPathRegex, message) => {
    const config = { nSamples: 1, strategies: [weights('x')], lightlyPathRegex };
    expect(() => checkSelectionConfig(config)).toThrow(message);
  });
});

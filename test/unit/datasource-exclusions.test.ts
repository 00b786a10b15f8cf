import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import ignore from 'ignore';
import { exclusionOf } from '#platform/datasources/listing/exclusion-patterns';

describe('patterns that take files out', () => {
  test.each([
    ['a name, wherever it is', ['frame.png'], ['frame.png', 'a/b/frame.png'], ['frame.jpg', 'my-frame.png']],
    ['stars within a name', ['image_4*'], ['image_4', 'subdir/image_40.png'], ['image_3.png']],
    ['a path from the top', ['/day/*.png'], ['day/a.png'], ['x/day/a.png', 'day/x/a.png']],
    ['a folder and all in it', ['night/'], ['night/a.png', 'x/night/y/a.png'], ['night', 'nights/a.png']],
    ['any number of folders', ['a/**/z.png'], ['a/z.png', 'a/b/c/z.png'], ['z.png', 'a/b/z.jpg']],
    ['everything in a folder', ['a/**'], ['a/b', 'a/b/c'], ['a', 'b/a']],
    [
      'sets and single characters',
      ['cam_[0-3]?.png'],
      ['cam_0x.png', 'cam_31.png'],
      ['cam_4x.png', 'cam_0.png'],
    ],
    ['a later pattern', ['*.png', '!keep.png'], ['a.png'], ['keep.png', 'x/keep.png']],
    ['a folder that stays out', ['x/', '!x/keep.png'], ['x/keep.png'], ['keep.png']],
    ['characters that mean something else', ['\\*.png', '\\!a.png'], ['*.png', '!a.png'], ['a.png']],
  ])('know %s', (_, patterns, out, kept) => {
    const isOut = exclusionOf(patterns);
    expect([...out, ...kept].filter(isOut)).toEqual(out);
  });

  test('mean the same as in a .gitignore file', () => {
    const part = fc.array(fc.constantFrom('a', 'b', '*', '?', '[ab]', '.'), { minLength: 1, maxLength: 4 });
    const segment = fc.oneof(
      part.map((parts) => parts.join('')),
      fc.constant('**'),
    );
    const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    const pattern = fc
      .tuple(fc.constantFrom('', '!'), fc.constantFrom('', '/'), path, fc.constantFrom('', '/'))
      .map((parts) => parts.join(''));
    const name = fc
      .array(fc.stringMatching(/^[ab]{1,3}$/), { minLength: 1, maxLength: 4 })
      .map((names) => names.join('/'));
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 4 }), name, (patterns, file) => {
        expect(exclusionOf(patterns)(file)).toBe(ignore().add(patterns).ignores(file));
      }),
      { numRuns: 2000 },
    );
  });

  // As regular expressions, these would go on for longer than anybody waits.
  test('end soon, whatever they are', () => {
    const hostile = [`${'*a'.repeat(100)}b`, `${'**/'.repeat(60)}b`, `${'**/*a*'.repeat(30)}/b`];
    const names = ['a'.repeat(1024), `${'a/'.repeat(511)}a`, `${'aa/'.repeat(340)}a`];
    expect(names.map(exclusionOf(hostile))).toEqual([false, false, false]);
  });
});

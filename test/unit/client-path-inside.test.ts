import { join, sep } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UnsafeFileNameError } from '../../client/index.ts';
import { pathInside } from '../../client/path-inside.ts';

const FOLDER = join(sep, 'data', 'out');

test.each(['cat.jpg', 'a/b/c.png', 'a b+c%20.jpg', '..cat.jpg', 'a/...jpg', '.hidden', '~/cat.jpg'])(
  '%j is put into the folder',
  (name) => {
    expect(pathInside(FOLDER, name)).toBe(join(FOLDER, name));
  },
);

test.each([
  '../cat.jpg',
  'a/../../cat.jpg',
  'a/../cat.jpg',
  '/etc/passwd',
  '/data/out/cat.jpg',
  '..\\cat.jpg',
  'a\\..\\..\\cat.jpg',
  'cat.jpg\0.png',
  '..',
  '.',
  '',
  'a/',
  '/data/outside/cat.jpg',
])('%j is refused', (name) => {
  expect(() => pathInside(FOLDER, name)).toThrow(UnsafeFileNameError);
});

test('whatever the name is, it is inside the folder or refused', () => {
  const piece = fc.oneof(fc.constantFrom('..', '.', '/', '\\', '\0', 'a', 'C:', '~'), fc.string());
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      try {
        expect(pathInside(FOLDER, pieces.join('')).startsWith(FOLDER + sep)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(UnsafeFileNameError);
      }
    }),
  );
});

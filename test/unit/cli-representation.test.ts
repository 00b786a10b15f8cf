import { describe, expect, test } from '@jest/globals';
import { describeRepresentation } from '../../cli/demo/summary.ts';

describe('the closing note of the demo', () => {
  test('is not there for photos without sub-folders', () => {
    expect(describeRepresentation(['a.jpg', 'b.jpg'], ['a.jpg'])).toBeUndefined();
    expect(describeRepresentation(['one/a.jpg', 'one/b.jpg'], ['one/a.jpg'])).toBeUndefined();
  });

  test('says that all sub-folders are represented', () => {
    expect(describeRepresentation(['x/a.jpg', 'x/b.jpg', 'y/c.jpg'], ['x/b.jpg', 'y/c.jpg'])).toBe(
      'All 2 sub-folders are represented in the selection.',
    );
  });

  test('names those that are not, and the top for what lies in no sub-folder', () => {
    expect(describeRepresentation(['x/a.jpg', 'y/z/c.jpg', 'd.jpg'], ['x/a.jpg'])).toBe(
      'Not represented in the selection: (top), y/z (2 of 3 sub-folders).',
    );
  });

  test('names a dozen of very many', () => {
    const many = Array.from({ length: 30 }, (_, index) => `folder-${10 + index}/a.jpg`);
    expect(describeRepresentation(many, [])).toMatch(/folder-10, .*, folder-21, and 18 more \(30 of 30/);
  });
});

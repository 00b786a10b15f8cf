import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

/** Data beside the project, which not every machine has. */
export function sharedData(path: string): string | undefined {
  const found = resolve(import.meta.dirname, '../../../shared', path);
  return existsSync(found) ? found : undefined;
}

/** A block of tests on shared data; where it is absent, one test says so instead. */
export function describeWithData(name: string, path: string, block: (found: string) => void): void {
  const found = sharedData(path);
  describe(name, () => {
    if (found !== undefined) return block(found);
    test(`${path} not run: no data`, () => {
      console.info(`${name}: not run: no data at ../shared/${path}`);
      expect(sharedData(path)).toBeUndefined();
    });
  });
}

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';

// In a process of its own: what is blocked stays blocked, and other tests draw SVG.
test('a process that blocks other decoders reads the accepted formats and nothing else', async () => {
  const child = fork(new URL('../fixtures/hostile-image-process.ts', import.meta.url), { execArgv: [] });
  const [outcomes] = await once(child, 'message');
  expect(outcomes).toEqual(['svg blocked', 'jpeg', 'png', 'webp', 'gif', 'tiff', 'avif']);
});

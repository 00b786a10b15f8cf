import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { readBody } from '../../functions/ingest/read-body.ts';

const bodyOf = (...chunks: string[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

describe('the body of an object', () => {
  test('is read into one buffer', async () => {
    expect((await readBody(bodyOf('ab', 'c', 'def'), 6)).toString()).toBe('abcdef');
    expect(await readBody(bodyOf(), 0)).toHaveLength(0);
  });

  test('that is longer than the object is read no further, and is retried', async () => {
    let taken = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) {
          taken += 1;
          yield Buffer.alloc(10);
        }
      })(),
      { highWaterMark: 1 },
    );
    await expect(readBody(endless, 25)).rejects.toMatchObject({ code: 'DOWNLOAD_INCOMPLETE' });
    expect(taken).toBeLessThan(10);
    expect(endless.destroyed).toBe(true);
  });

  test('that is shorter than the object is retried', async () => {
    await expect(readBody(bodyOf('ab'), 3)).rejects.toMatchObject({ code: 'DOWNLOAD_INCOMPLETE' });
  });

  test('that breaks off is retried, and the reason is kept', async () => {
    const cause = new Error('socket hang up');
    const broken = Readable.from(
      (function* () {
        yield Buffer.from('ab');
        throw cause;
      })(),
    );
    await expect(readBody(broken, 10)).rejects.toMatchObject({ code: 'DOWNLOAD_BROKE_OFF', cause });
  });
});

import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** Where bytes were put. */
export interface BodyPlace {
  /** Number of the file. */
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

/**
 * Bytes of objects, one behind the other in one file for each run: opening a file for each object costs more than
 * all the rest of storing a small image. A file goes when no object is in it any more.
 */
export interface BodyFiles {
  readonly append: (body: Uint8Array) => BodyPlace;
  readonly read: (place: BodyPlace) => Buffer;
  /** Removes the files of earlier runs that hold none of these. */
  readonly keepOnly: (files: ReadonlySet<number>) => void;
  readonly close: () => void;
}

export function openBodyFiles(directory: string): BodyFiles {
  mkdirSync(directory, { recursive: true });
  const numbers = readdirSync(directory).map(Number);
  const current = Math.max(0, ...numbers) + 1;
  const path = (file: number) => join(directory, String(file));
  const descriptors = new Map([[current, openSync(path(current), 'wx+')]]);
  let end = 0;
  const descriptorOf = (file: number): number => {
    const descriptor = descriptors.get(file) ?? openSync(path(file), 'r');
    descriptors.set(file, descriptor);
    return descriptor;
  };
  return {
    append: (body) => {
      const place = { file: current, offset: end, length: body.length };
      writeWhole(descriptorOf(current), body, end);
      end += body.length;
      return place;
    },
    read: ({ file, offset, length }) => {
      const body = Buffer.allocUnsafe(length);
      for (let done = 0; done < length; ) {
        const read = readSync(descriptorOf(file), body, done, length - done, offset + done);
        if (read === 0)
          throw new Error(`Expected ${length} bytes at ${offset} of ${path(file)}, which is shorter`);
        done += read;
      }
      return body;
    },
    keepOnly: (files) => {
      for (const number of numbers) {
        if (!files.has(number) && existsSync(path(number))) rmSync(path(number));
      }
    },
    close: () => {
      for (const descriptor of descriptors.values()) closeSync(descriptor);
    },
  };
}

function writeWhole(descriptor: number, body: Uint8Array, position: number): void {
  for (let written = 0; written < body.length; ) {
    written += writeSync(descriptor, body, written, body.length - written, position + written);
  }
}

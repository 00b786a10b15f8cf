import { z } from 'zod';
import { InvalidInputError } from '#contracts/errors';
import { parseJsonWith } from '#contracts/schema';
import { readGivenFile } from './connection.ts';

const listOfNames = z.array(z.string().min(1));

/**
 * File names of a file: one a line, or a list where it is called `*.json`. A name with a line break in it can only be
 * in a list.
 * @throws InvalidInputError where there are none
 */
export async function readFileNames(file: string): Promise<string[]> {
  const text = await readGivenFile(file, 'The file of file names');
  const names = file.endsWith('.json')
    ? parseJsonWith(listOfNames, text, `The file '${file}'`)
    : text.split(/\r?\n/).filter((line) => line !== '');
  if (names.length === 0) throw new InvalidInputError(`There are no file names in '${file}'.`);
  return names;
}

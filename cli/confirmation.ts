import { createInterface } from 'node:readline/promises';
import { InvalidInputError } from '#contracts/errors';
import { InterruptedError } from './interruption.ts';
import { printable } from './printable.ts';

/**
 * Asks whoever is at the terminal.
 * @throws InvalidInputError where nobody is; InterruptedError at Ctrl-C
 */
export async function confirmed(question: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new InvalidInputError('Nobody can be asked whether this is meant: give --yes.');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const interruption = new Promise<never>((_, reject) => {
    // The terminal is in raw mode: Ctrl-C is a key here, no signal.
    terminal.once('SIGINT', () => reject(new InterruptedError()));
    terminal.once('close', () => reject(new InterruptedError()));
  });
  try {
    const answer = terminal.question(`${printable(question)} [y/N] `, { signal });
    return /^y(es)?$/i.test((await Promise.race([answer, interruption])).trim());
  } finally {
    interruption.catch(() => undefined);
    terminal.close();
  }
}

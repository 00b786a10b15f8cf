import { InvalidInputError } from '#contracts/errors';

/** Sentences of each kind that a log repeats; the rest is a number. */
const MOST_SENTENCES = 20;

/** Files of one kind that a run has read, and why some of them were skipped. */
export class SkippedFiles {
  readonly #what: string;
  readonly #sentences: string[] = [];
  #used = 0;
  #skipped = 0;
  #invalid = 0;

  /** @param what the files are, in the plural */
  constructor(what: string) {
    this.#what = what;
  }

  noteUsed(): void {
    this.#used += 1;
  }

  /** The file can't be read as what it should be. @param reason without the name of the file */
  noteInvalid(file: string, reason: string): void {
    this.#invalid += 1;
    this.#note(file, reason);
  }

  /** The file may be right and is not about an image of the run. */
  noteForeign(file: string, reason: string): void {
    this.#note(file, reason);
  }

  #note(file: string, reason: string): void {
    this.#skipped += 1;
    if (this.#sentences.length < MOST_SENTENCES) this.#sentences.push(`Skipped ${file}: ${reason}.`);
  }

  /** @throws InvalidInputError where there were files and not one of them was valid */
  warnings(): string[] {
    if (this.#invalid > 0 && this.#used === 0) {
      const [first] = this.#sentences;
      throw new InvalidInputError(
        `None of the ${this.#skipped} ${this.#what} of the run's images can be used. ${first} ` +
          'Correct the files, or take what needs them out of the selection.',
      );
    }
    const more = this.#skipped - this.#sentences.length;
    return more > 0
      ? [...this.#sentences, `Skipped ${more} more of the ${this.#what} for such reasons.`]
      : [...this.#sentences];
  }
}

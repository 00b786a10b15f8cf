import { InvalidInputError } from '#contracts/errors';
import type { SelectionConfig } from '#contracts/selection-config';

const PATH = 'docker.selectedSequenceLength';

/**
 * Sequences are chosen by diversity only: of a window, nothing is defined but the mean of its embeddings.
 *
 * @param length - images of a sequence; 1 is any selection
 * @throws InvalidInputError naming the JSON path of what can't be carried out with sequences
 */
export function checkSequences({ strategies, nSamples }: SelectionConfig, length: number): void {
  if (length <= 1) return;
  strategies.forEach(({ input, strategy }, position) => {
    const path = `strategies[${position}]`;
    if (strategy.type !== 'DIVERSITY') {
      throw new InvalidInputError(
        `${path}.strategy.type: ${strategy.type} can't be used where ${PATH} is ${length}. ` +
          'Sequences are chosen by DIVERSITY of EMBEDDINGS; set selectedSequenceLength to 1 for other strategies.',
      );
    }
    if (input.task !== undefined) {
      throw new InvalidInputError(
        `${path}.input.task: sequences are compared by their whole images; leave task out where ${PATH} is ${length}.`,
      );
    }
  });
  if (nSamples !== undefined && nSamples >= 0 && nSamples < length) {
    throw new InvalidInputError(
      `nSamples: ${nSamples} images are less than one sequence. Ask for at least ${length}, as ${PATH} says.`,
    );
  }
}

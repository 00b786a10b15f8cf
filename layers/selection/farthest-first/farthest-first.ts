import { type FarthestChoice, type FarthestFirstInput, FarthestSearch } from './farthest-search.ts';

/**
 * Chooses one position after the other, always one with the largest score, of equal ones the first: for scores that are
 * the distance itself this is Gonzalez' farthest-first traversal. The textbook measures every vector against every
 * choice; this does not, and comes to the same.
 *
 * Lazy: a distance to the nearest of the first few centres is an upper bound of that to the nearest of all, so the
 * position with the best bound is all that has to be looked at (Minoux 1978, "Accelerated greedy algorithms for
 * maximizing submodular set functions"). It is compared with the centres that it has not seen, until its bound is no
 * longer the best; what is still the best when it has seen all is the choice. Most positions never get that far.
 * Of the centres that it has not seen, `NearCentres` rules most out.
 */
export async function chooseFarthestFirst(input: FarthestFirstInput): Promise<{
  choices: FarthestChoice[];
  /** Whether it ended because nothing that is left is far enough away. */
  isExhausted: boolean;
}> {
  const { vectors, target, progress } = input;
  const choices: FarthestChoice[] = [];
  const goal = Math.min(target, vectors.length);
  if (goal === 0) return { choices, isExhausted: false };
  const search = new FarthestSearch(input);
  await search.prepare();
  if (input.preselected.length === 0) {
    if (input.first < 0) return { choices, isExhausted: true };
    choices.push({ position: input.first });
    search.choose(input.first);
  }
  await search.begin(choices[0]?.position ?? -1);
  while (choices.length < goal) {
    const choice = await search.takeBest();
    if (choice === undefined) return { choices, isExhausted: true };
    choices.push(choice);
    search.choose(choice.position);
    if (progress.step(0)) await progress.pause();
  }
  return { choices, isExhausted: false };
}

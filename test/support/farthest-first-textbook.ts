import type { FarthestChoice, FarthestFirstInput } from '#selection/farthest-first/farthest-search';
import { euclideanDistance } from './selection-candidates.ts';

export type TextbookInput = Omit<FarthestFirstInput, 'progress'>;

/** The traversal as a textbook has it: every vector against every choice, the best score, the first of equal ones. */
export function textbookTraversal(input: TextbookInput): { choices: FarthestChoice[]; isExhausted: boolean } {
  const { vectors, preselected, target, open, first, scoreOf, minimumDistance } = input;
  const distances = new Float32Array(vectors.length).fill(Number.POSITIVE_INFINITY);
  const isOpen = open.slice();
  const measure = (chosen: Float32Array): void => {
    vectors.forEach((vector, position) => {
      distances[position] = Math.min(distances[position]!, euclideanDistance(vector, chosen));
    });
  };
  preselected.forEach(measure);
  const choices: FarthestChoice[] = [];
  while (choices.length < Math.min(target, vectors.length)) {
    const isFirst = preselected.length === 0 && choices.length === 0;
    let best = isFirst ? first : -1;
    for (let position = 0; position < vectors.length && !isFirst; position++) {
      if (isOpen[position] === 0 || !(distances[position]! >= minimumDistance)) continue;
      const score = scoreOf(position, distances[position]!);
      if (best < 0 || score > scoreOf(best, distances[best]!)) best = position;
    }
    if (best < 0) return { choices, isExhausted: true };
    choices.push(isFirst ? { position: best } : { position: best, distance: distances[best]! });
    isOpen[best] = 0;
    measure(vectors[best]!);
  }
  return { choices, isExhausted: false };
}

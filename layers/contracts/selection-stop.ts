/**
 * Why a selection chose no more: `count`: as many as asked for. `candidates`: there are no more. `distance`: every
 * candidate left is nearer to a chosen sample than a minimum distance allows. `typicality`: every candidate left is
 * less typical than asked for. `sum`: the sum of a WEIGHTS strategy has reached its maximum. `range`: every candidate
 * left would take a sum out of its target range.
 */
export const SELECTION_STOPS = ['count', 'candidates', 'distance', 'typicality', 'sum', 'range'] as const;
export type SelectionStop = (typeof SELECTION_STOPS)[number];

import pMap from 'p-map';
import { type Abortable, anySignal } from './transport.ts';

/**
 * Does something with each item, `workers` at a time. The first error, or the signal, ends what is under way.
 * @throws that error, or the reason of the signal
 */
export async function forEachInParallel<Item>(
  items: readonly Item[],
  work: (item: Item, options: { readonly signal: AbortSignal }) => Promise<void>,
  { workers, signal: ofCaller }: { readonly workers: number } & Abortable,
): Promise<void> {
  const rest = new AbortController();
  const signal = anySignal(rest.signal, ofCaller) ?? rest.signal;
  try {
    await pMap(items, (item) => work(item, { signal }), { concurrency: workers, signal });
  } catch (error) {
    rest.abort(error);
    throw error;
  }
}

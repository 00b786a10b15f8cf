import pMap from 'p-map';
import { type Abortable, anySignal } from './transport.ts';

/**
 * Does something with each item, `workers` at a time. The first error, or the signal, ends what is under way; when
 * this rejects, it has ended.
 * @throws that error, or the reason of the signal
 */
export async function forEachInParallel<Item>(
  items: readonly Item[],
  work: (item: Item, options: { readonly signal: AbortSignal }) => Promise<void>,
  { workers, signal: ofCaller }: { readonly workers: number } & Abortable,
): Promise<void> {
  const rest = new AbortController();
  const signal = anySignal(rest.signal, ofCaller) ?? rest.signal;
  const underWay = new Set<Promise<void>>();
  const workOn = (item: Item): Promise<void> => {
    const working = work(item, { signal }).finally(() => underWay.delete(working));
    underWay.add(working);
    return working;
  };
  try {
    await pMap(items, workOn, { concurrency: workers, signal });
  } catch (error) {
    rest.abort(error);
    await Promise.allSettled(underWay);
    throw error;
  }
}

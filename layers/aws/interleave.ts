/**
 * The values of several sources, in the order in which they come, with at most `concurrency` sources read at a time
 * and one value of each under way. Ending early, or an error, ends all of them.
 */
export async function* interleave<T>(
  sources: readonly (() => AsyncGenerator<T>)[],
  concurrency: number,
): AsyncGenerator<T> {
  const waiting = [...sources];
  const underWay = new Map<AsyncGenerator<T>, Promise<Arrival<T>>>();
  const ask = (source: AsyncGenerator<T>) => {
    const arrival = arrivalOf(source);
    // An error is thrown when its turn comes, below; until then nobody listens, which would end the process.
    arrival.catch(() => undefined);
    underWay.set(source, arrival);
  };
  const startNext = () => {
    const source = waiting.shift()?.();
    if (source) ask(source);
  };
  for (let started = 0; started < concurrency; started++) startNext();
  try {
    while (underWay.size > 0) {
      const { source, result } = await Promise.race(underWay.values());
      if (result.done) {
        underWay.delete(source);
        startNext();
      } else {
        ask(source);
        yield result.value;
      }
    }
  } finally {
    // A request that is under way ends by itself; its result, or its error, is of no interest any more.
    await Promise.allSettled(underWay.values());
    await Promise.allSettled([...underWay.keys()].map((source) => source.return(undefined)));
  }
}

interface Arrival<T> {
  readonly source: AsyncGenerator<T>;
  readonly result: IteratorResult<T, unknown>;
}

const arrivalOf = async <T>(source: AsyncGenerator<T>): Promise<Arrival<T>> => ({
  source,
  result: await source.next(),
});

/**
 * What several generators yield, as it comes: all of them work at the same time. When one fails, or the reader stops,
 * the others are ended too.
 */
export async function* interleave<Item>(
  generators: readonly AsyncGenerator<Item, void>[],
): AsyncGenerator<Item, void> {
  const pending = new Map(generators.map((generator) => [generator, step(generator)]));
  try {
    while (pending.size > 0) {
      const { generator, result } = await Promise.race(pending.values());
      if (result.done) {
        pending.delete(generator);
        continue;
      }
      pending.set(generator, step(generator));
      yield result.value;
    }
  } finally {
    const endings = [...pending].map(async ([generator, last]) => {
      await last;
      await generator.return();
    });
    await Promise.allSettled(endings);
  }
}

async function step<Item>(generator: AsyncGenerator<Item, void>) {
  return { generator, result: await generator.next() };
}

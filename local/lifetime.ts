/** Things that have to be ended, in the reverse order of their beginning. */
export interface Lifetime {
  readonly atEnd: (end: () => void | Promise<void>) => void;
  /** Ends all once; a second call waits for the first. */
  readonly end: () => Promise<void>;
}

export function createLifetime(): Lifetime {
  const ends: (() => void | Promise<void>)[] = [];
  let ending: Promise<void> | undefined;
  const endAll = async () => {
    for (let end = ends.pop(); end; end = ends.pop()) await end();
  };
  return {
    atEnd: (end) => ends.push(end),
    end: () => {
      ending ??= endAll();
      return ending;
    },
  };
}

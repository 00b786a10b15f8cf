type Method = (...args: unknown[]) => unknown;

/** What is left of a worker that was killed. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/**
 * `deps` of a worker that dies just before its call number `fatal` (from 1) reaches the world, which is also: just
 * after the call before it. Every later call fails too, for a dead process calls nobody.
 *
 * @param ports names of those dependencies whose methods reach the world
 * @returns also the names of the methods that were called, in order
 */
export function failingAtCall<Deps extends object>(
  deps: Deps,
  ports: readonly (keyof Deps)[],
  fatal: number,
): { readonly deps: Deps; readonly calls: readonly string[] } {
  const calls: string[] = [];
  const wrap =
    (name: string, method: Method): Method =>
    (...args) => {
      calls.push(name);
      if (calls.length >= fatal) throw new Killed(`at call ${fatal}`);
      return method(...args);
    };
  const failing = Object.fromEntries(
    ports.map((port) => {
      const methods = Object.entries(deps[port] as Record<string, Method>);
      return [port, Object.fromEntries(methods.map(([name, method]) => [name, wrap(name, method)]))];
    }),
  );
  return { deps: { ...deps, ...failing }, calls };
}

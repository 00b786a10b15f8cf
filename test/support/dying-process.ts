/** The process has ended here; nobody may catch this on its behalf. */
export class ProcessDied extends Error {}

type AnyFunction = (...args: never[]) => unknown;

/**
 * The same dependencies in a process that dies instead of making its call number `calls + 1`. Every method of every
 * store, bucket and queue counts as a call; what was called before has happened. This stands for a SIGKILL between
 * two steps: nothing runs afterwards, because every later call dies too.
 */
export function dyingAfter<Deps extends object>(
  deps: Deps,
  calls: number,
): { deps: Deps; died: () => boolean } {
  let left = calls;
  let hasDied = false;
  const guard = (method: AnyFunction): AnyFunction => {
    return (...args) => {
      if (left === 0) {
        hasDied = true;
        throw new ProcessDied(`after ${calls} calls`);
      }
      left -= 1;
      return method(...args);
    };
  };
  const guarded = Object.entries(deps).map(([name, dependency]) => {
    const isService = typeof dependency === 'object' && dependency !== null && name !== 'telemetry';
    if (!isService) return [name, dependency];
    const methods = Object.entries(dependency).map(([method, value]) => [
      method,
      typeof value === 'function' ? guard(value as AnyFunction) : value,
    ]);
    return [name, Object.fromEntries(methods)];
  });
  return { deps: Object.fromEntries(guarded) as Deps, died: () => hasDied };
}

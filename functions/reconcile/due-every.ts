/**
 * How often something is done by a process that lives for many rounds. A new process begins anew, which costs work
 * and changes nothing.
 *
 * @returns a function that is true on the first call and then whenever `everyMs` have passed since it was last true
 */
export function dueEvery(everyMs: number, now: () => number): () => boolean {
  let lastDueAt: number | undefined;
  return () => {
    const at = now();
    if (lastDueAt !== undefined && at - lastDueAt < everyMs) return false;
    lastDueAt = at;
    return true;
  };
}

/** Calls `work` every `intervalMs` until the returned function is called. Does not keep the process alive. */
export function repeatEvery(work: () => void, intervalMs: number): () => void {
  const timer = setInterval(work, intervalMs).unref();
  return () => clearInterval(timer);
}

/** How far something is. */
export interface Progress {
  readonly done: number;
  /** Undefined while nobody knows. */
  readonly total: number | undefined;
}

export type OnProgress = (progress: Progress) => void;

export interface Watchable {
  /** Called after each step. */
  readonly onProgress?: OnProgress | undefined;
}

/** Counts steps and tells of each; the first call tells of none done. */
export function progressCounter(
  onProgress: OnProgress | undefined,
  total?: number,
): (steps?: number) => void {
  let done = 0;
  onProgress?.({ done, total });
  return (steps = 1) => {
    done += steps;
    onProgress?.({ done, total });
  };
}

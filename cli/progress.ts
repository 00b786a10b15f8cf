import { Presets, SingleBar } from 'cli-progress';
import type { OnProgress } from '../client/index.ts';

const LONGEST_BAR = 40;
/** Label and counts beside the bar; together they stay on one line of a narrow terminal. */
const BESIDE_BAR = 30;

/** Does `work` under a bar on standard error, where somebody watches; quietly where nobody does. */
export async function withProgressBar<Result>(
  label: string,
  work: (onProgress?: OnProgress) => Promise<Result>,
): Promise<Result> {
  const { stderr } = process;
  if (!stderr.isTTY) return work();
  const barsize = Math.min(LONGEST_BAR, Math.max(1, (stderr.columns ?? 80) - BESIDE_BAR));
  const format = `${label} {bar} {value}/{total}`;
  const bar = new SingleBar(
    { format, stream: stderr, hideCursor: true, clearOnComplete: true, barsize },
    Presets.shades_classic,
  );
  try {
    return await work(({ done, total = done }) => {
      if (!bar.isActive) bar.start(total, done);
      bar.update(done);
    });
  } finally {
    // Also when the work fails: a bar that is not stopped keeps redrawing, and the cursor stays hidden.
    bar.stop();
  }
}

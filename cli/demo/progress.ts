import { Presets, SingleBar } from 'cli-progress';

const LABEL_WIDTH = 10;
const LONGEST_BAR = 30;
/** Label, counts and note beside the bar; together they stay on one line of a narrow terminal. */
const BESIDE_BAR = 40;

/**
 * Does `work`, which tells how much is done: a bar where somebody watches, one line at the end where nobody does.
 * `work` returns what the line says in the end.
 */
export async function withProgress(
  label: string,
  total: number,
  work: (update: (done: number) => void) => Promise<string>,
): Promise<void> {
  if (!process.stdout.isTTY) {
    say(label, await work(() => {}));
    return;
  }
  const barsize = Math.min(LONGEST_BAR, Math.max(1, process.stdout.columns - BESIDE_BAR));
  const format = `${label.padEnd(LABEL_WIDTH)} {bar} {value}/{total}`;
  const bar = new SingleBar(
    { format, hideCursor: true, clearOnComplete: true, barsize },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  let note: string;
  try {
    note = await work((done) => bar.update(Math.min(done, total)));
  } finally {
    // Also when the work fails: a bar that is not stopped keeps redrawing, and the cursor stays hidden.
    bar.stop();
  }
  say(label, note);
}

/** One finished step of the demo. */
export const say = (label: string, text: string): void => console.log(`${label.padEnd(LABEL_WIDTH)} ${text}`);

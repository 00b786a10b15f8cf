import { Presets, SingleBar } from 'cli-progress';

/** A bar where somebody watches; one line at the end where nobody does. */
export interface Progress {
  update(done: number): void;
  finish(note?: string): void;
}

const LABEL_WIDTH = 10;

export function startProgress(label: string, total: number): Progress {
  const title = label.padEnd(LABEL_WIDTH);
  if (!process.stdout.isTTY) {
    return { update: () => {}, finish: (note = `${total} of ${total}`) => console.log(`${title} ${note}`) };
  }
  const bar = new SingleBar(
    { format: `${title} {bar} {value}/{total} {note}`, hideCursor: true, barsize: 30 },
    Presets.shades_classic,
  );
  bar.start(total, 0, { note: '' });
  return {
    update: (done) => bar.update(Math.min(done, total)),
    finish: (note = '') => {
      bar.update(total, { note });
      bar.stop();
    },
  };
}

/** One finished step of the demo. */
export const say = (label: string, text: string): void => console.log(`${label.padEnd(LABEL_WIDTH)} ${text}`);

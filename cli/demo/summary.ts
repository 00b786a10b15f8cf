import { join } from 'node:path';
import Table from 'cli-table3';
import { SUMMARY_FILE } from './collect.ts';

/** `summary.json`: paths are relative to the output folder. */
export interface DemoSummary {
  /** The folder that was read, or `drawn`. */
  readonly images: string;
  readonly received: number;
  readonly corrupt: number;
  readonly unsupported: number;
  readonly duplicates: number;
  readonly candidates: number;
  readonly selected: number;
  readonly dataset: string;
  readonly runId: string;
  readonly exports: readonly { readonly format: string; readonly file: string; readonly rows: number }[];
  readonly archive: string;
  readonly thumbnails: string;
  readonly seconds: Record<'boot' | 'upload' | 'ingest' | 'schedule' | 'run' | 'export' | 'total', number>;
}

export function printSummary(summary: DemoSummary, outDirectory: string): void {
  const { received, corrupt, unsupported, duplicates, selected, seconds } = summary;
  const table = new Table({ head: ['images', '', 'stage', 'seconds'], style: { head: [], border: [] } });
  const counts = Object.entries({ received, corrupt, unsupported, duplicates, selected });
  const times = Object.entries(seconds);
  for (let row = 0; row < Math.max(counts.length, times.length); row++) {
    const [label = '', count = ''] = counts[row] ?? [];
    const [stage = '', time] = times[row] ?? [];
    table.push([label, count, stage, time === undefined ? '' : time.toFixed(2)]);
  }
  console.log(`\n${table.toString()}\n`);
  const where = (what: string, file: string) => console.log(`${what.padEnd(14)} ${join(outDirectory, file)}`);
  for (const { format, file } of summary.exports) where(format, file);
  where('archive', summary.archive);
  where('contact sheet', summary.thumbnails);
  where('summary', SUMMARY_FILE);
}

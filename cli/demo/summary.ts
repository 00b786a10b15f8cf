import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Table from 'cli-table3';
import { SUMMARY_FILE, unusable } from './output-folder.ts';
import type { StepSeconds } from './stopwatch.ts';

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
  /** For people as one HTML file and as PDF, and what became of every candidate as CSV. */
  readonly report: { readonly html: string; readonly pdf: string; readonly choices: string };
  readonly thumbnails: string;
  readonly seconds: StepSeconds;
}

/** @throws InvalidInputError where the output folder does not take it. */
export async function writeSummary(summary: DemoSummary, outDirectory: string): Promise<void> {
  const text = `${JSON.stringify(summary, undefined, 2)}\n`;
  await writeFile(join(outDirectory, SUMMARY_FILE), text).catch((cause) => {
    throw unusable(outDirectory, cause);
  });
}

export function printSummary(summary: DemoSummary, outDirectory: string): void {
  const { received, corrupt, unsupported, duplicates, selected, seconds } = summary;
  const table = new Table({
    head: ['images', '', 'stage', 'seconds'],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'right', 'left', 'right'],
  });
  const counts = Object.entries({ received, corrupt, unsupported, duplicates, selected });
  const times = Object.entries(seconds);
  for (let row = 0; row < Math.max(counts.length, times.length); row++) {
    const [label = '', count = ''] = counts[row] ?? [];
    const [stage = '', time] = times[row] ?? [];
    table.push([label, count, stage, time === undefined ? '' : time.toFixed(2)]);
  }
  console.log(`\n${table.toString()}\n`);
  printFiles(summary, outDirectory);
}

function printFiles({ exports, archive, report, thumbnails }: DemoSummary, outDirectory: string): void {
  const files = [
    ...exports.map(({ format, file }) => [format, file] as const),
    ['archive', archive],
    ['report', report.html],
    ['report (PDF)', report.pdf],
    ['every choice', report.choices],
    ['contact sheet', thumbnails],
    ['summary', SUMMARY_FILE],
  ] as const;
  const width = Math.max(...files.map(([what]) => what.length));
  for (const [what, file] of files) console.log(`${what.padEnd(width)}  ${join(outDirectory, file)}`);
}

/**
 * The closing note of a folder with sub-folders: which of those that hold candidates have nothing selected.
 * Undefined where there are no sub-folders.
 */
export function describeRepresentation(
  candidates: readonly string[],
  selected: readonly string[],
): string | undefined {
  const foldersOf = (fileNames: readonly string[]) =>
    new Set(fileNames.map((name) => name.slice(0, Math.max(name.lastIndexOf('/'), 0))));
  const all = foldersOf(candidates);
  if (all.size < 2) return undefined;
  const chosen = foldersOf(selected);
  const missing = [...all].filter((folder) => !chosen.has(folder)).sort();
  if (missing.length === 0) return `All ${all.size} sub-folders are represented in the selection.`;
  const named = missing.map((folder) => folder || '(top)').slice(0, MOST_NAMED);
  const more = missing.length > MOST_NAMED ? `, and ${missing.length - MOST_NAMED} more` : '';
  return `Not represented in the selection: ${named.join(', ')}${more} (${missing.length} of ${all.size} sub-folders).`;
}
const MOST_NAMED = 12;

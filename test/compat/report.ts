import Table from 'cli-table3';
import type { ChapterResult, Outcomes } from './run-chapter.ts';

/** Names that no program can see succeed, and exceptions that none can see, each with the reason. */
const IMPOSSIBLE: Readonly<Record<string, string>> = {
  'BitMask.complement': 'calls `invert` without its argument: fails in the package itself',
  'ApiWorkflowClient.download_dataset RuntimeError':
    'documented, but the package raises it nowhere: a server that does not answer is a MaxRetryError',
};

interface Row {
  readonly name: string;
  readonly called: boolean;
  /** Documented ones that were seen, and all that must be seen. */
  readonly seen: readonly string[];
  readonly documented: readonly string[];
}

export interface Report {
  readonly text: string;
  readonly passed: number;
  readonly failed: number;
}

/** What passed: each chapter, each public name of the client that succeeded, each documented exception that was seen. */
export function compatibilityReport(surface: Outcomes, results: readonly ChapterResult[]): Report {
  const rows = Object.entries(surface)
    .filter(([name]) => !IMPOSSIBLE[name])
    .map(([name, documented]) => rowOf(name, documented, results));
  const failures = [
    ...results.filter(({ passed }) => !passed).map(({ file }) => `chapter ${file}`),
    ...rows.filter(({ called }) => !called).map(({ name }) => `${name}: no chapter saw it succeed`),
    ...rows.flatMap(({ name, seen, documented }) =>
      documented.filter((each) => !seen.includes(each)).map((each) => `${name}: no chapter saw its ${each}`),
    ),
  ];
  const total = results.length + rows.length + rows.reduce((sum, row) => sum + row.documented.length, 0);
  return {
    text: [tableOf(rows), ...failures.map((failure) => `FAILED ${failure}`)].join('\n'),
    passed: total - failures.length,
    failed: failures.length,
  };
}

function rowOf(name: string, promised: readonly string[], results: readonly ChapterResult[]): Row {
  const outcomes = new Set(results.flatMap(({ calls }) => calls[name] ?? []));
  const documented = promised.filter((exception) => !IMPOSSIBLE[`${name} ${exception}`]);
  return {
    name,
    called: outcomes.has('ok'),
    seen: documented.filter((exception) => outcomes.has(exception)),
    documented,
  };
}

function tableOf(rows: readonly Row[]): string {
  const table = new Table({
    head: ['method', 'result', 'documented exceptions seen'],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  for (const { name, called, seen } of rows) table.push([name, called ? 'ok' : 'MISSING', seen.join(', ')]);
  return table.toString();
}

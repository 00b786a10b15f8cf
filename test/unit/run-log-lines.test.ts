import { describe, expect, test } from '@jest/globals';
import type { LogLine } from '#contracts/run-files';
import { type LogWriter, logWriter } from '#platform/runs/log-writer';
import { progressTeller } from '#platform/runs/state-progress';
import { processLoad } from '#runtime/process-load';

function writerTo(send: (lines: readonly LogLine[]) => Promise<void>, failures: unknown[] = []): LogWriter {
  const onFailure = (error: unknown): void => void failures.push(error);
  return logWriter({ send, load: () => ({ cpu: 12.5, mem: 40 }), onFailure, now: () => 7 });
}
const aLine = (msg: string) => ({ level: 'INFO', group: 'run', msg, state: 'SAMPLING' }) as const;

describe('the writer of a log', () => {
  test('sends lines in the order in which they were noted, also those that could not be sent at first', async () => {
    const sent: string[] = [];
    const failures: unknown[] = [];
    let isDown = true;
    const log = writerTo(async (lines) => {
      if (isDown) throw new Error('down');
      sent.push(...lines.map(({ msg }) => msg));
    }, failures);
    log.note(aLine('one'));
    await log.flush();
    log.note(aLine('two'));
    isDown = false;
    await Promise.all([log.flush(), log.flush()]);
    expect(sent).toEqual(['one', 'two']);
    expect(failures).toHaveLength(1);
  });

  test('sends no more at a time than the API takes', async () => {
    const calls: number[] = [];
    const log = writerTo(async (lines) => void calls.push(Buffer.byteLength(JSON.stringify(lines))));
    for (let line = 0; line < 400; line++) log.note(aLine('x'.repeat(3_900)));
    await log.flush();
    expect(calls.length).toBeGreaterThan(3);
    expect(Math.max(...calls)).toBeLessThan(1024 * 1024);
  });

  test('tells of the load as the protocol has it', async () => {
    const sent: LogLine[] = [];
    const log = writerTo(async (lines) => void sent.push(...lines));
    log.noteLoad('EMBEDDING');
    await log.flush();
    expect(sent).toEqual([
      {
        ...{ ts: 7, level: 'VERBOSE', group: 'load', origin: 'winnow', state: 'EMBEDDING' },
        ...{ msg: 'CPU 13 %, memory 40 %.', load: { cpu: 12.5, mem: 40 } },
      },
    ]);
  });
});

test('percentages are told every few seconds, each once, and not of what is over in a moment', () => {
  let at = 0;
  const tell = progressTeller(() => at);
  const told = [0.01, 0.3, 0.3, 0.35, 0.9].map((share) => {
    at += 3_000;
    return tell('SAMPLING', share);
  });
  expect(told).toEqual([undefined, undefined, 'Selecting: 30 %', undefined, 'Selecting: 90 %']);
  expect(tell('EMBEDDING', 0.5)).toBeUndefined();
});

test('the load of a process is between 0 and 100, and memory counts against its limit', () => {
  const load = processLoad(2 * process.memoryUsage.rss());
  let sum = 0;
  for (let step = 0; step < 5e6; step++) sum += Math.sqrt(step);
  const { cpu, mem } = load();
  expect(sum).toBeGreaterThan(0);
  expect(cpu).toBeGreaterThan(0);
  expect(cpu).toBeLessThanOrEqual(100);
  expect(mem).toBeGreaterThan(25);
  expect(mem).toBeLessThan(100);
});

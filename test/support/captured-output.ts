/** One line of a process's output that was JSON: a log entry or a set of metrics. */
export type OutputEntry = Record<string, unknown>;

/**
 * Runs `work` and returns, as parsed JSON, what was written to stdout and stderr meanwhile. Logs and metrics are
 * what an operator sees, so tests read them where CloudWatch does.
 */
export async function captureOutput<T>(
  work: () => Promise<T>,
): Promise<{ result: T; text: string; entries: OutputEntry[] }> {
  const chunks: string[] = [];
  const streams = [process.stdout, process.stderr];
  const originals = streams.map((stream) => stream.write);
  for (const stream of streams) {
    stream.write = ((chunk: string | Uint8Array) => {
      chunks.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
      return true;
    }) as typeof stream.write;
  }
  try {
    const result = await work();
    const text = chunks.join('');
    const entries = text
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as OutputEntry);
    return { result, text, entries };
  } finally {
    streams.forEach((stream, index) => {
      stream.write = originals[index]!;
    });
  }
}

/** The values of a metric over all sets of metrics that were published, and the dimensions it was published with. */
export function publishedMetric(
  entries: readonly OutputEntry[],
  name: string,
): { values: number[]; dimensions: string[][] } {
  const published = entries.filter((entry) => '_aws' in entry && name in entry);
  return {
    values: published.flatMap((entry) => entry[name] as number | number[]),
    dimensions: published.map((entry) => {
      const { CloudWatchMetrics } = entry._aws as { CloudWatchMetrics: { Dimensions: [string[]] }[] };
      return CloudWatchMetrics[0]!.Dimensions[0].map((dimension) => `${dimension}=${entry[dimension]}`);
    }),
  };
}

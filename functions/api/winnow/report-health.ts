/** What Winnow needs, by name; a check that throws or takes too long has failed. */
export type HealthChecks = Readonly<Record<string, () => Promise<unknown>>>;

const OK = 'ok';
const FAILED = 'failed';
/** A monitor that waits longer for its answer gives up. */
const MOST_CHECK_MS = 3_000;

/** What a monitor reads. */
export interface HealthReport {
  readonly isHealthy: boolean;
  readonly status: typeof OK | typeof FAILED;
  readonly version: string;
  readonly checks: Readonly<Record<string, typeof OK | typeof FAILED>>;
}

/** Healthy where every check passes. @param version Winnow's own */
export async function reportHealth(version: string, checks: HealthChecks): Promise<HealthReport> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await outcomeOf(check)] as const),
  );
  const isHealthy = results.every(([, outcome]) => outcome === OK);
  return { isHealthy, status: isHealthy ? OK : FAILED, version, checks: Object.fromEntries(results) };
}

async function outcomeOf(check: () => Promise<unknown>): Promise<typeof OK | typeof FAILED> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<typeof FAILED>((resolve) => {
    timer = setTimeout(() => resolve(FAILED), MOST_CHECK_MS);
  });
  const passed = check().then(
    () => OK,
    () => FAILED,
  );
  return Promise.race([passed, tooLate]).finally(() => clearTimeout(timer)) as Promise<
    typeof OK | typeof FAILED
  >;
}

import type { HttpResponse } from '#runtime/http-stage';

/** What Winnow needs, by name; a check that throws or takes too long has failed. */
export type HealthChecks = Readonly<Record<string, () => Promise<unknown>>>;

const OK = 'ok';
const FAILED = 'failed';
/** A monitor that waits longer for its answer gives up. */
const MOST_CHECK_MS = 3_000;

/** 200 `{status: 'ok', version, checks}` where every check passes; 503 with status `failed` where one does not. */
export async function reportHealth(version: string, checks: HealthChecks): Promise<HttpResponse> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await outcomeOf(check)] as const),
  );
  const isHealthy = results.every(([, outcome]) => outcome === OK);
  return {
    status: isHealthy ? 200 : 503,
    body: { status: isHealthy ? OK : FAILED, version, checks: Object.fromEntries(results) },
  };
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

import { type HealthChecks, reportHealth } from './report-health.ts';
import type { Routes } from './routes.ts';

export interface ApiDeps {
  /** Winnow's own version. */
  readonly version: string;
  readonly healthChecks: HealthChecks;
}

/**
 * What clients of the protocol compare their own version with. 1.5.24 is the last client that speaks the protocol:
 * nobody is told to upgrade to one that does not.
 */
const LATEST_CLIENT = '1.5.24';
/** The oldest client whose requests have the shapes that Winnow understands. Older ones warn their users. */
const MINIMUM_CLIENT = '1.5.0';

/** Every route of the API: the protocol's under `/v1/`, Winnow's own under `/winnow/v1/`. */
export function apiRoutes({ version, healthChecks }: ApiDeps): Routes {
  return {
    'GET /v1/versions/pip/latest': async () => ({ status: 200, body: LATEST_CLIENT }),
    'GET /v1/versions/pip/minimum': async () => ({ status: 200, body: MINIMUM_CLIENT }),
    'GET /winnow/v1/health': () => reportHealth(version, healthChecks),
  };
}

import { jsonResponse } from '#runtime/http-stage';
import manifest from '../../../package.json' with { type: 'json' };
import type { ApiDeps } from '../api-deps.ts';
import type { RespondOnRoute } from '../respond.ts';
import type { Route } from '../router.ts';
import { datasetInputRoutes } from './dataset-inputs.ts';
import { plannedRunRoutes } from './planned-runs.ts';
import { reportHealth } from './report-health.ts';
import { tokenRoutes } from './tokens.ts';

/** An id that no dataset has: asking for it reads the table and nothing else. */
const NO_DATASET = '0'.repeat(24);

/** Winnow's own resources, which the protocol does not have. */
export function ownRoutes(deps: ApiDeps): Route<RespondOnRoute>[] {
  const healthChecks = { table: () => deps.datasets.get(NO_DATASET) };
  return [
    ...tokenRoutes(deps),
    ...plannedRunRoutes(deps),
    ...datasetInputRoutes(deps),
    {
      method: 'GET',
      path: '/winnow/v1/health',
      handler: async () => {
        const { isHealthy, ...report } = await reportHealth(manifest.version, healthChecks);
        return jsonResponse(isHealthy ? 200 : 503, report);
      },
    },
  ];
}

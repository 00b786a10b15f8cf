import { datasetStore } from '#aws/dataset-store';
import { openTable } from '#aws/table';
import { readConfig } from '#runtime/config';
import { httpStage } from '#runtime/http-stage';
import manifest from '../../package.json' with { type: 'json' };
import { apiRoutes } from './api-routes.ts';
import { apiConfig } from './config.ts';
import { respondByRoute } from './routes.ts';

/** An id that no dataset has: asking for it reads the table and nothing else. */
const NO_DATASET = '0'.repeat(24);

const config = readConfig(apiConfig);
const datasets = datasetStore(openTable(config.table));

export const handler = httpStage(
  'api',
  respondByRoute(
    apiRoutes({ version: manifest.version, healthChecks: { table: () => datasets.get(NO_DATASET) } }),
  ),
);

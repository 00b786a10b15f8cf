import { secretReader } from '#aws/secrets';
import { openTable } from '#aws/table';
import { readConfig } from '#runtime/config';
import { httpStage } from '#runtime/http-stage';
import { observe } from '#runtime/observability';
import { apiDeps } from './api-deps.ts';
import { apiConfig } from './config.ts';
import { respondToApi } from './respond-to-api.ts';

const { table, tokenSecretArn, publicKeySecretArn, ...config } = readConfig(apiConfig);

const deps = apiDeps({
  ...config,
  table: openTable(table),
  s3: undefined,
  sqs: undefined,
  administratorToken: secretReader(tokenSecretArn),
  publicKey: secretReader(publicKeySecretArn),
  telemetry: observe('api').telemetry,
  now: Date.now,
});

export const handler = httpStage('api', respondToApi(deps));

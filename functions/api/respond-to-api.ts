import { publicObjectOf } from '#platform/access/public-object';
import type { ApiDeps } from './api-deps.ts';
import { protocolOperations } from './protocol-operations.ts';
import { type Respond, respondWith } from './respond.ts';
import { ownRoutes } from './winnow/own-routes.ts';

/** The API as a whole: the protocol and what is Winnow's own. */
export const respondToApi = (deps: ApiDeps): Respond =>
  respondWith({
    ...deps,
    operations: protocolOperations(deps),
    ownRoutes: ownRoutes(deps),
    checkPublicToken: (publicToken, parameters, query) =>
      deps.publicTokens.check(publicToken, publicObjectOf(parameters, query)),
  });

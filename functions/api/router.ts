import createRouter, { type HTTPMethod } from 'find-my-way';
import { NotFoundError } from '#contracts/errors';

export interface Route<Handler> {
  readonly method: string;
  /** With parameters in braces: `/v1/datasets/{datasetId}`. */
  readonly path: string;
  readonly handler: Handler;
}

export interface Match<Handler> {
  readonly handler: Handler;
  /** Decoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Names of prediction tasks may hold slashes, so this parameter takes the rest of the path. */
const REST = '{taskName}';

/**
 * Finds what answers a method and path.
 * @returns a function that throws NotFoundError where there is no such route
 */
export function routerOf<Handler>(
  routes: readonly Route<Handler>[],
): (method: string, path: string) => Match<Handler> {
  const router = createRouter({ maxParamLength: 2048, ignoreTrailingSlash: true });
  const never = (): void => {};
  for (const { method, path, handler } of routes) {
    const pattern = path.endsWith(REST) ? `${path.slice(0, -REST.length)}*` : path;
    router.on(method as HTTPMethod, pattern.replace(/\{(\w+)\}/g, ':$1'), never, handler);
  }
  return (method, path) => {
    const found = router.find(method as HTTPMethod, path);
    if (!found?.store) throw new NotFoundError('route', `${method} ${path}`);
    const { '*': taskName, ...parameters } = found.params as Record<string, string>;
    return {
      handler: found.store as Handler,
      parameters: { ...parameters, ...(taskName !== undefined && { taskName }) },
    };
  };
}

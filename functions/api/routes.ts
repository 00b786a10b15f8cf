import { NotFoundError } from '#contracts/errors';
import type { HttpRequest, HttpResponse } from '#runtime/http-stage';

/** What answers one method and path. */
export type RespondToRequest = (request: HttpRequest) => Promise<HttpResponse>;

/** `GET /path` and what answers it. */
export type Routes = Readonly<Record<string, RespondToRequest>>;

/**
 * Answers a request by the route of exactly its method and path.
 * @throws NotFoundError where there is none
 */
export function respondByRoute(routes: Routes): RespondToRequest {
  const table = new Map(Object.entries(routes));
  return async (request) => {
    const route = `${request.method} ${request.path}`;
    const respond = table.get(route);
    if (!respond) throw new NotFoundError('route', route);
    return respond(request);
  };
}

import { TEAM_ID, type User } from '#contracts/access';
import { parseJsonWith } from '#contracts/schema';
import { createTokenRequest, type OwnProfile, type TokenList } from '#contracts/tokens';
import { authenticate, type Caller } from '#platform/access/authenticate';
import { createToken, listTokens, revokeToken } from '#platform/access/manage-tokens';
import { type HttpRequest, type HttpResponse, jsonResponse } from '#runtime/http-stage';
import type { ApiDeps } from '../api-deps.ts';
import type { RespondOnRoute } from '../respond.ts';
import type { Route } from '../router.ts';

const TOKENS = '/winnow/v1/tokens';

type TokensDeps = Pick<ApiDeps, 'users' | 'tokens' | 'administratorToken' | 'now'>;
type Answer = (
  caller: Caller,
  request: HttpRequest,
  parameters: Readonly<Record<string, string>>,
) => Promise<HttpResponse>;

/** Who the caller is, and the tokens by which people and programs prove who they are. */
export function tokenRoutes(deps: TokensDeps): Route<RespondOnRoute>[] {
  const ofCaller =
    (answer: Answer): RespondOnRoute =>
    async (request, parameters) =>
      answer(await authenticate(request.credentials.token, deps), request, parameters);
  return [
    {
      method: 'GET',
      path: '/winnow/v1/me',
      handler: ofCaller(async (caller) => jsonResponse(200, profile(caller))),
    },
    {
      method: 'GET',
      path: TOKENS,
      handler: ofCaller(async (caller) =>
        jsonResponse(200, { tokens: await listTokens(caller, deps) } satisfies TokenList),
      ),
    },
    {
      method: 'POST',
      path: TOKENS,
      handler: ofCaller(async (caller, { body }) => {
        const wanted = parseJsonWith(createTokenRequest, body, 'The body');
        return jsonResponse(201, await createToken(caller, wanted, deps));
      }),
    },
    {
      method: 'DELETE',
      path: `${TOKENS}/{tokenId}`,
      handler: ofCaller(async (caller, _request, { tokenId = '' }) => {
        await revokeToken(caller, tokenId, deps);
        return { status: 204, body: '' };
      }),
    },
  ];
}

const profile = ({ id, email, name, role }: User): OwnProfile => ({ id, email, name, role, teamId: TEAM_ID });

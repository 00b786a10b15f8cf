import { type Command, Option } from 'commander';
import { z } from 'zod';
import { TEAM_ROLES } from '#contracts/access';
import { type CreateTokenRequest, createdToken, type TokenData, tokenList } from '#contracts/tokens';
import { type Api, apiCommand, withApi } from '../api-command.ts';
import { wholeNumber } from '../option-values.ts';
import { callOwnApi } from '../own-api.ts';
import { type Column, minuteOf } from '../table-output.ts';

/** `winnow tokens` */
export function addTokensCommands(program: Command): void {
  const tokens = program.command('tokens').description('by which people and programs prove who they are');
  apiCommand(tokens, 'list', 'your tokens; of whoever administers the team, those of everybody').action(
    withApi(listTokens),
  );
  apiCommand(tokens, 'create <name>', 'make a token and print it, this once')
    .option('--email <address>', 'whose it is (default: yours); who is nobody yet becomes a member')
    .option('--user-id <id>', 'whose it is, by id')
    .addOption(new Option('--role <role>', 'of who is made with it').choices(TEAM_ROLES))
    .option('--expires-in-days <n>', 'how long it works (default: until it is revoked)', wholeNumber)
    .action(withApi(createToken));
  apiCommand(tokens, 'revoke <id>', 'end a token now').action(withApi(revokeToken));
}

const stateOf = ({ revokedAt, expiresAt }: TokenData): string => {
  if (revokedAt !== undefined) return 'revoked';
  if (expiresAt === undefined) return 'works';
  return expiresAt <= Date.now() ? 'expired' : `until ${minuteOf(expiresAt)?.slice(0, 10)}`;
};

const COLUMNS: readonly Column<TokenData>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name, shrinks: true },
  { title: 'WHOSE', value: ({ email }) => email, shrinks: true },
  { title: 'TOKEN', value: ({ hint }) => hint },
  { title: 'STATE', value: stateOf },
];

async function listTokens(api: Api): Promise<void> {
  const { tokens } = await callOwnApi(api, { method: 'GET', path: 'tokens' }, tokenList);
  api.output.showRows(tokens, COLUMNS, 'There are no tokens yet: winnow tokens create <name>');
}

type CreateOptions = Pick<CreateTokenRequest, 'email' | 'userId' | 'role' | 'expiresInDays'>;

async function createToken(
  api: Api,
  name: string,
  { email, userId, role, expiresInDays }: CreateOptions,
): Promise<void> {
  const body: CreateTokenRequest = { name, email, userId, role, expiresInDays };
  const made = await callOwnApi(api, { method: 'POST', path: 'tokens', body }, createdToken);
  // The token alone is on standard output, ready to go into a file.
  if (!api.output.isJson) api.output.note(`Token ${made.id} of ${made.email}. It is not shown again:`);
  api.output.show(made, made.token);
}

async function revokeToken(api: Api, id: string): Promise<void> {
  await callOwnApi(api, { method: 'DELETE', path: `tokens/${encodeURIComponent(id)}` }, z.undefined());
  api.output.show({ id, revoked: true }, `${id} does not work any more`);
}

import { z } from 'zod';
import { type Access, holds, matches } from './access-conditions.ts';

const oneOrMore = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const conditionValue = z
  .union([z.string(), z.boolean(), z.number(), z.array(z.union([z.string(), z.boolean(), z.number()]))])
  .transform((value) => [value].flat().map(String));

const statement = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: oneOrMore.optional(),
  NotAction: oneOrMore.optional(),
  Resource: oneOrMore.optional(),
  NotResource: oneOrMore.optional(),
  Principal: z.union([z.literal('*'), z.record(z.string(), oneOrMore)]).optional(),
  Condition: z.record(z.string(), z.record(z.string(), conditionValue)).optional(),
});
type Statement = z.infer<typeof statement>;

export const policyDocument = z.object({
  Statement: z.union([statement, z.array(statement)]).transform((value) => [value].flat()),
});
export type PolicyDocument = z.infer<typeof policyDocument>;

export type { Access } from './access-conditions.ts';

/**
 * Whether the statements let it happen: some statement allows it and none denies it.
 *
 * A simulation of IAM: it knows statements of identities, sessions, trust and buckets, with the usual operators. It shows
 * that grants name the right things, not that IAM agrees in every corner.
 *
 * @param principal the ARNs of who asks, for policies that name principals: of a session also that of its role
 */
export const allows = (
  policies: readonly PolicyDocument[],
  access: Access,
  principal?: readonly string[],
): boolean => decide(policies, access, principal) === 'allowed';

/** What the statements say: `denied` is what no other policy can allow. */
export function decide(
  policies: readonly PolicyDocument[],
  access: Access,
  principal?: readonly string[],
): 'allowed' | 'denied' | 'silent' {
  const applying = policies
    .flatMap(({ Statement }) => Statement)
    .filter((candidate) => applies(candidate, access, principal));
  if (applying.some(({ Effect }) => Effect === 'Deny')) return 'denied';
  return applying.length > 0 ? 'allowed' : 'silent';
}

function applies(candidate: Statement, access: Access, principal: readonly string[] | undefined): boolean {
  const { Action, NotAction, Resource, NotResource, Principal, Condition } = candidate;
  if (Action && !Action.some((pattern) => matchesAction(pattern, access.action))) return false;
  if (NotAction?.some((pattern) => matchesAction(pattern, access.action))) return false;
  if (Resource && !Resource.some((pattern) => matches(pattern, access.resource))) return false;
  if (NotResource?.some((pattern) => matches(pattern, access.resource))) return false;
  if (Principal && principal && !principal.some((arn) => namesPrincipal(Principal, arn))) return false;
  return Object.entries(Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, expected]) => holds(operator, key, expected, access)),
  );
}

function namesPrincipal(principal: NonNullable<Statement['Principal']>, arn: string): boolean {
  if (principal === '*') return true;
  const accountId = arn.split(':')[4];
  return (principal.AWS ?? []).some(
    (named) =>
      named === '*' ||
      named === arn ||
      named === accountId ||
      /^arn:[a-z-]+:iam::(\d+):root$/.exec(named)?.[1] === accountId,
  );
}

const matchesAction = (pattern: string, action: string): boolean =>
  matches(pattern.toLowerCase(), action.toLowerCase());

import { z } from 'zod';

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

/** One thing that a request wants to do. */
export interface Access {
  /** As `s3:GetObject`. */
  readonly action: string;
  /** An ARN. */
  readonly resource: string;
  /** Condition keys and their values, as `s3:prefix`. */
  readonly context?: Readonly<Record<string, string>>;
}

/**
 * Whether the statements let it happen: some statement allows it and none denies it.
 *
 * A simulation of IAM: it knows the operators below, and statements of identities, sessions and trust. It shows that
 * grants name the right things, not that IAM agrees in every corner.
 */
export function allows(policies: readonly PolicyDocument[], access: Access, principalArn?: string): boolean {
  let allowed = false;
  for (const { Statement } of policies) {
    for (const candidate of Statement) {
      if (!applies(candidate, access, principalArn)) continue;
      if (candidate.Effect === 'Deny') return false;
      allowed = true;
    }
  }
  return allowed;
}

function applies(candidate: Statement, access: Access, principalArn: string | undefined): boolean {
  const { Action, NotAction, Resource, NotResource, Principal, Condition } = candidate;
  if (Action && !Action.some((pattern) => matchesAction(pattern, access.action))) return false;
  if (NotAction?.some((pattern) => matchesAction(pattern, access.action))) return false;
  if (Resource && !Resource.some((pattern) => matches(pattern, access.resource))) return false;
  if (NotResource?.some((pattern) => matches(pattern, access.resource))) return false;
  if (Principal && principalArn !== undefined && !namesPrincipal(Principal, principalArn)) return false;
  return Object.entries(Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, expected]) => holds(operator, expected, contextValue(access, key))),
  );
}

/** Every local request comes over the loopback interface, which counts as secure transport. */
function contextValue({ context = {} }: Access, key: string): string | undefined {
  if (key.toLowerCase() === 'aws:securetransport') return 'true';
  return Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
}

function holds(operator: string, expected: readonly string[], actual: string | undefined): boolean {
  const name = operator.replace(/IfExists$/, '');
  if (actual === undefined) return name !== operator || /Not(Equals|Like)/.test(name);
  switch (name) {
    case 'StringEquals':
    case 'ArnEquals':
    case 'Bool':
      return expected.includes(actual);
    case 'StringNotEquals':
      return !expected.includes(actual);
    case 'StringLike':
    case 'ArnLike':
      return expected.some((pattern) => matches(pattern, actual));
    case 'StringNotLike':
      return !expected.some((pattern) => matches(pattern, actual));
    default:
      return false;
  }
}

function namesPrincipal(principal: NonNullable<Statement['Principal']>, arn: string): boolean {
  if (principal === '*') return true;
  const accountId = arn.split(':')[4];
  return (principal.AWS ?? []).some(
    (named) =>
      named === '*' || named === arn || named === accountId || named === `arn:aws:iam::${accountId}:root`,
  );
}

const matchesAction = (pattern: string, action: string): boolean =>
  matches(pattern.toLowerCase(), action.toLowerCase());

const compiledPatterns = new Map<string, RegExp>();
/** `*` stands for any text and `?` for any one character. */
function matches(pattern: string, value: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === value;
  let compiled = compiledPatterns.get(pattern);
  if (!compiled) {
    const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    compiled = new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
    compiledPatterns.set(pattern, compiled);
  }
  return compiled.test(value);
}

import { AccessError } from './access-error.ts';
import { allows, type PolicyDocument, policyDocument } from './access-policy.ts';
import type { Gate } from './gate.ts';
import { escapeXml } from './object-listing.ts';
import type { RolePlan } from './plan-types.ts';
import { accountOf, type Principal, type Principals, principalArns } from './principals.ts';
import type { KnownRole, Roles } from './roles.ts';

export interface SecurityTokens {
  /** The content of an operation's result, as XML. @throws AccessError */
  readonly answer: (caller: Principal, operation: string, parameters: URLSearchParams) => string;
}

export interface SecurityTokenParts {
  readonly roles: Roles;
  readonly principals: Principals;
  readonly gate: Gate;
  /** Sessions end after as many seconds, whatever was asked for. */
  readonly sessionSecondsCap?: number | undefined;
  readonly now: () => number;
}

const SHORTEST_SESSION_SECONDS = 900;
/** For sessions that a session (a function's role) starts. */
const LONGEST_CHAINED_SESSION_SECONDS = 3600;

/** The parts of STS that delegated access needs. A simulation, with the limits of {@link allows}. */
export function createSecurityTokens(parts: SecurityTokenParts): SecurityTokens {
  return {
    answer: (caller, operation, parameters) => {
      if (operation === 'GetCallerIdentity') {
        return `<Arn>${caller.arn}</Arn><UserId>${caller.accessKeyId}</UserId><Account>${accountOf(caller)}</Account>`;
      }
      if (operation === 'AssumeRole') return assumeRole(caller, parameters, parts);
      throw new AccessError('InvalidAction', `The local cloud does not know ${operation}`, 400);
    },
  };
}

function assumeRole(caller: Principal, parameters: URLSearchParams, parts: SecurityTokenParts): string {
  checkParameters(parameters);
  const roleArn = parameters.get('RoleArn') ?? '';
  const sessionName = parameters.get('RoleSessionName') ?? '';
  const role = trustingRole(caller, roleArn, parameters.get('ExternalId'), parts);
  const seconds = sessionSeconds(parameters, role.plan, caller);
  const expiresAt = parts.now() + Math.min(seconds, parts.sessionSecondsCap ?? seconds) * 1000;
  const sessionPolicy = sessionPolicyOf(parameters);
  const arn = `${roleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${sessionName}`;
  const session = parts.principals.addSession({
    ...{ arn, roleArn, expiresAt },
    policies: () => parts.roles.find(roleArn)?.plan.policies ?? [],
    isValid: () => parts.roles.find(roleArn)?.id === role.id,
    ...(sessionPolicy && { sessionPolicy }),
    ...(caller.function && { function: caller.function }),
  });
  return (
    `<Credentials><AccessKeyId>${session.accessKeyId}</AccessKeyId>` +
    `<SecretAccessKey>${session.secretAccessKey}</SecretAccessKey>` +
    `<SessionToken>${session.sessionToken}</SessionToken>` +
    `<Expiration>${new Date(expiresAt).toISOString()}</Expiration></Credentials>` +
    `<AssumedRoleUser><Arn>${escapeXml(arn)}</Arn>` +
    `<AssumedRoleId>${session.accessKeyId}:${escapeXml(sessionName)}</AssumedRoleId></AssumedRoleUser>`
  );
}

/** @throws AccessError in the same words where the caller may not, the role does not trust it, or there is none */
function trustingRole(
  caller: Principal,
  roleArn: string,
  externalId: string | null,
  { roles, gate }: SecurityTokenParts,
): KnownRole {
  const context = { ...(externalId !== null && { 'sts:ExternalId': externalId }) };
  const access = { action: 'sts:AssumeRole', resource: roleArn };
  const role = roles.find(roleArn);
  const isTrusted = role && allows([role.plan.trust], { ...access, context }, principalArns(caller));
  if (role && isTrusted && gate.permits(caller, { ...access, context })) return role;
  const reason = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
  throw new AccessError('AccessDenied', reason);
}

/** What STS takes as parameters, and the longest of them that are texts. */
const PARAMETERS: Readonly<Record<string, RegExp>> = {
  RoleArn: /^arn:[a-z-]+:iam::\d{12}:role\/.{1,512}$/,
  RoleSessionName: /^[\w+=,.@-]{2,64}$/,
  ExternalId: /^[\w+=,.@:/-]{2,1224}$/,
  Policy: /^[\t\n\r\u0020-\u00ff]{1,2048}$/,
};

/** @throws AccessError */
function checkParameters(parameters: URLSearchParams): void {
  for (const [name, pattern] of Object.entries(PARAMETERS)) {
    const value = parameters.get(name);
    if (value === null ? name.startsWith('Role') : !pattern.test(value)) {
      throw new AccessError(
        'ValidationError',
        `${name} failed to satisfy the constraint ${pattern.source}`,
        400,
      );
    }
  }
}

function sessionSeconds(parameters: URLSearchParams, role: RolePlan, caller: Principal): number {
  const longest = caller.sessionToken
    ? Math.min(role.maximumSessionSeconds, LONGEST_CHAINED_SESSION_SECONDS)
    : role.maximumSessionSeconds;
  const seconds = Number(parameters.get('DurationSeconds') ?? LONGEST_CHAINED_SESSION_SECONDS);
  if (seconds >= SHORTEST_SESSION_SECONDS && seconds <= longest) return seconds;
  const reason = `DurationSeconds must be ${SHORTEST_SESSION_SECONDS} to ${longest} for this role and caller`;
  throw new AccessError('ValidationError', reason, 400);
}

function sessionPolicyOf(parameters: URLSearchParams): PolicyDocument | undefined {
  const text = parameters.get('Policy');
  if (!text) return undefined;
  try {
    return policyDocument.parse(JSON.parse(text));
  } catch (cause) {
    throw new AccessError(
      'MalformedPolicyDocument',
      `The session policy is malformed: ${String(cause)}`,
      400,
    );
  }
}

import { AccessError } from './access-error.ts';
import { allows, type PolicyDocument, policyDocument } from './access-policy.ts';
import type { Gate } from './gate.ts';
import { escapeXml } from './object-listing.ts';
import type { RolePlan } from './plan-types.ts';
import type { Principal, Principals } from './principals.ts';

export interface SecurityTokens {
  /** The content of an operation's result, as XML. @throws AccessError */
  readonly answer: (caller: Principal, operation: string, parameters: URLSearchParams) => string;
}

export interface SecurityTokenParts {
  readonly roles: () => readonly RolePlan[];
  readonly principals: Principals;
  readonly gate: Gate;
  readonly accountId: string;
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
        return `<Arn>${caller.arn}</Arn><UserId>${caller.accessKeyId}</UserId><Account>${parts.accountId}</Account>`;
      }
      if (operation === 'AssumeRole') return assumeRole(caller, parameters, parts);
      throw new AccessError('InvalidAction', `The local cloud does not know ${operation}`, 400);
    },
  };
}

function assumeRole(caller: Principal, parameters: URLSearchParams, parts: SecurityTokenParts): string {
  const roleArn = parameters.get('RoleArn') ?? '';
  const sessionName = parameters.get('RoleSessionName') ?? '';
  const access = { action: 'sts:AssumeRole', resource: roleArn };
  parts.gate.authorize(caller, [access]);
  const externalId = parameters.get('ExternalId');
  const role = parts.roles().find(({ arn }) => arn === roleArn);
  const context = { ...(externalId !== null && { 'sts:ExternalId': externalId }) };
  // A role that does not exist is refused in the same words as one that does not trust the caller.
  if (!role || !allows([role.trust], { ...access, context }, caller.arn)) {
    const reason = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
    throw new AccessError('AccessDenied', reason);
  }
  const expiresAt = parts.now() + sessionSeconds(parameters, role, caller) * 1000;
  const sessionArn = `${role.arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${sessionName}`;
  const session = parts.principals.addSession(
    sessionArn,
    role.policies,
    sessionPolicyOf(parameters),
    expiresAt,
  );
  return (
    `<Credentials><AccessKeyId>${session.accessKeyId}</AccessKeyId>` +
    `<SecretAccessKey>${session.secretAccessKey}</SecretAccessKey>` +
    `<SessionToken>${session.sessionToken}</SessionToken>` +
    `<Expiration>${new Date(expiresAt).toISOString()}</Expiration></Credentials>` +
    `<AssumedRoleUser><Arn>${escapeXml(sessionArn)}</Arn>` +
    `<AssumedRoleId>${session.accessKeyId}:${escapeXml(sessionName)}</AssumedRoleId></AssumedRoleUser>`
  );
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

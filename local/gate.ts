import { AccessError } from './access-error.ts';
import { type Access, allows, decide } from './access-policy.ts';
import type { FunctionIdentity, Principal, Principals } from './principals.ts';
import { type SignedRequest, verifySignature } from './signature.ts';

export type Service = 's3' | 'sqs' | 'dynamodb' | 'sts' | 'secretsmanager';

/** What a request is about. */
export interface RequestTarget {
  readonly service: Service;
  /** As `PutObject`. */
  readonly operation: string;
  /** Of S3 only; the key is empty for operations on a bucket. */
  readonly bucket?: string;
  readonly key?: string;
  /** It is not carried out. Of S3 only. */
  readonly isRefused?: true;
}

/** An AWS request that a function's process makes, with its own keys or with those of a session that it began. */
export interface ObservedRequest extends FunctionIdentity, RequestTarget {
  /** Who signed it. */
  readonly principalArn: string;
}

/** Every request to every server passes here. */
export interface Gate {
  /** @throws AccessError where the signature does not hold */
  readonly authenticate: (request: SignedRequest) => Principal;
  /** @throws AccessError where the principal may not do all of it */
  readonly authorize: (principal: Principal, accesses: readonly Access[]) => void;
  readonly permits: (principal: Principal, access: Access) => boolean;
  /** Tells of a request that is about to be carried out, or refused. */
  readonly observe: (principal: Principal, target: RequestTarget) => void;
}

/** As AWS words it for those in the account of the resource. */
function reasonOf(principal: Principal, access: Access): string {
  const { action, resource } = access;
  const own = decide(principal.policies?.() ?? [], access);
  const isOwn = principal.policies !== undefined && own !== 'allowed';
  const said = isOwn ? own : decide(principal.sessionPolicy ? [principal.sessionPolicy] : [], access);
  const kind = isOwn ? 'identity-based' : 'session';
  const why =
    said === 'denied'
      ? `with an explicit deny in ${isOwn ? 'an' : 'a'} ${kind} policy`
      : `because no ${kind} policy allows the ${action} action`;
  return `User: ${principal.arn} is not authorized to perform: ${action} on resource: "${resource}" ${why}`;
}

export function createGate(
  principals: Principals,
  now: () => number,
  onRequest: (request: ObservedRequest) => void,
): Gate {
  const permits = (principal: Principal, access: Access) => {
    const policies = principal.policies?.();
    return (
      (!policies || allows(policies, access)) &&
      (!principal.sessionPolicy || allows([principal.sessionPolicy], access))
    );
  };
  return {
    authenticate: (request) => verifySignature(request, principals.find, now()),
    permits,
    authorize: (principal, accesses) => {
      const refused = accesses.find((access) => !permits(principal, access));
      if (!refused) return;
      throw new AccessError('AccessDenied', reasonOf(principal, refused));
    },
    observe: (principal, target) => {
      if (principal.function) onRequest({ ...principal.function, ...target, principalArn: principal.arn });
    },
  };
}

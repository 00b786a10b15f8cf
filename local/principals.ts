import { createHmac, randomBytes } from 'node:crypto';
import type { PolicyDocument } from './access-policy.ts';

/** The function process that holds a key. */
export interface FunctionIdentity {
  readonly stage: string;
  readonly functionName: string;
  /** Which of the function's processes: 0, 1, … */
  readonly slot: number;
}

/** Who may sign requests. */
export interface Principal {
  readonly arn: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** ms */
  readonly expiresAt?: number;
  /** What it may do; without policies: everything. */
  readonly policies?: readonly PolicyDocument[];
  /** Narrows `policies`. */
  readonly sessionPolicy?: PolicyDocument;
  readonly function?: FunctionIdentity;
}

export interface Principals {
  readonly account: Principal;
  readonly find: (accessKeyId: string) => Principal | undefined;
  /** The same function and slot have the same keys in every run, so that URLs which they signed outlive a restart. */
  readonly addFunction: (
    identity: FunctionIdentity,
    arn: string,
    policies: readonly PolicyDocument[],
  ) => Principal;
  readonly addSession: (
    arn: string,
    policies: readonly PolicyDocument[],
    sessionPolicy: PolicyDocument | undefined,
    expiresAt: number,
  ) => Principal;
}

/** @param seed a secret of this installation: keys are derived from it */
export function createPrincipals(seed: string, accountId: string): Principals {
  const principals = new Map<string, Principal>();
  const register = (principal: Principal) => {
    principals.set(principal.accessKeyId, principal);
    return principal;
  };
  const account = register({
    arn: `arn:aws:iam::${accountId}:root`,
    accessKeyId: `AKIA${derive(seed, 'account', 'id').toUpperCase().slice(0, 16)}`,
    secretAccessKey: derive(seed, 'account', 'secret').slice(0, 40),
  });
  return {
    account,
    find: (accessKeyId) => principals.get(accessKeyId),
    addFunction: (identity, arn, policies) =>
      register({
        arn,
        policies,
        function: identity,
        ...temporaryKeys(seed, `${identity.functionName}#${identity.slot}`),
      }),
    addSession: (arn, policies, sessionPolicy, expiresAt) =>
      register({
        arn,
        policies,
        ...(sessionPolicy && { sessionPolicy }),
        expiresAt,
        ...temporaryKeys(seed, randomBytes(16).toString('hex')),
      }),
  };
}

const temporaryKeys = (seed: string, name: string) => ({
  accessKeyId: `ASIA${derive(seed, name, 'id').toUpperCase().slice(0, 16)}`,
  secretAccessKey: derive(seed, name, 'secret').slice(0, 40),
  sessionToken: derive(seed, name, 'token'),
});

const derive = (seed: string, ...parts: string[]): string =>
  createHmac('sha256', seed).update(parts.join('\0')).digest('hex');

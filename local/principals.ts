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
  /** Of a session: the role that was assumed. */
  readonly roleArn?: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** ms */
  readonly expiresAt?: number;
  /** What it may do now; without policies: everything. */
  readonly policies?: () => readonly PolicyDocument[];
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
  readonly addSession: (session: NewSession) => Principal;
}

/** Its keys hold while `isValid` says so: not longer than the role that was assumed exists. */
export type NewSession = Pick<
  Principal,
  'arn' | 'roleArn' | 'policies' | 'sessionPolicy' | 'expiresAt' | 'function'
> & { readonly isValid: () => boolean };

/** @param seed a secret of this installation: keys are derived from it */
export function createPrincipals(seed: string, accountId: string): Principals {
  const principals = new Map<string, { readonly principal: Principal; readonly isValid: () => boolean }>();
  const register = (principal: Principal, isValid = () => true) => {
    principals.set(principal.accessKeyId, { principal, isValid });
    return principal;
  };
  const account = register({
    arn: `arn:aws:iam::${accountId}:root`,
    accessKeyId: `AKIA${derive(seed, 'account', 'id').toUpperCase().slice(0, 16)}`,
    secretAccessKey: derive(seed, 'account', 'secret').slice(0, 40),
  });
  return {
    account,
    find: (accessKeyId) => {
      const found = principals.get(accessKeyId);
      return found?.isValid() ? found.principal : undefined;
    },
    addFunction: (identity, arn, policies) =>
      register({
        arn,
        policies: () => policies,
        function: identity,
        ...temporaryKeys(seed, `${identity.functionName}#${identity.slot}`),
      }),
    addSession: ({ isValid, ...session }) =>
      register({ ...session, ...temporaryKeys(seed, randomBytes(16).toString('hex')) }, isValid),
  };
}

/** By which names policies may mean it. */
export const principalArns = ({ arn, roleArn }: Principal): string[] => [arn, ...(roleArn ? [roleArn] : [])];

/** The account that it belongs to. */
export const accountOf = ({ arn }: Principal): string => arn.split(':')[4] ?? '';

const temporaryKeys = (seed: string, name: string) => ({
  accessKeyId: `ASIA${derive(seed, name, 'id').toUpperCase().slice(0, 16)}`,
  secretAccessKey: derive(seed, name, 'secret').slice(0, 40),
  sessionToken: derive(seed, name, 'token'),
});

const derive = (seed: string, ...parts: string[]): string =>
  createHmac('sha256', seed).update(parts.join('\0')).digest('hex');

import type { RolePlan } from './plan-types.ts';

/** Roles outside the stack, as their accounts change them while the cloud runs. */
export interface ForeignRoles {
  /** Makes a role, or changes one: sessions that it has go on with its new policies. */
  readonly set: (role: RolePlan) => void;
  /** Its sessions end at once; a role that is made anew under the same name has no share in them. */
  readonly delete: (arn: string) => void;
}

export interface Roles extends ForeignRoles {
  readonly find: (arn: string) => KnownRole | undefined;
}

export interface KnownRole {
  readonly plan: RolePlan;
  /** Differs where a role of the same name was deleted and made again. */
  readonly id: number;
}

/** @param ofStack the roles of the stack, once they are known */
export function createRoles(ofStack: () => readonly RolePlan[], foreign: readonly RolePlan[]): Roles {
  let made = 0;
  const known = new Map<string, KnownRole>();
  const set = (plan: RolePlan) => {
    const id = known.get(plan.arn)?.id ?? ++made;
    known.set(plan.arn, { plan, id });
  };
  for (const role of foreign) set(role);
  return {
    set,
    delete: (arn) => known.delete(arn),
    find: (arn) => {
      const plan = ofStack().find((role) => role.arn === arn);
      return plan ? { plan, id: 0 } : known.get(arn);
    },
  };
}

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { policyDocument } from './access-policy.ts';
import type { ForeignBucket } from './foreign-buckets.ts';
import type { LocalCloud } from './local-cloud.ts';
import { ACCOUNT_ID } from './physical-names.ts';
import type { RolePlan } from './plan-types.ts';

const bucket = z.strictObject({
  name: z.string().min(3).max(63),
  accountId: z.string().regex(/^\d{12}$/, 'expected 12 digits'),
  region: z.string().exactOptional(),
  policy: policyDocument.exactOptional(),
  kmsKey: z.string().exactOptional(),
  requesterPays: z.boolean().exactOptional(),
  versioned: z.boolean().exactOptional(),
  /** Whether it tells Winnow what comes and goes, as by EventBridge. */
  events: z.boolean().default(true),
});
const role = z.strictObject({
  arn: z
    .string()
    .regex(/^arn:aws[\w-]*:iam::\d{12}:role\/./, "expected 'arn:aws:iam::<account>:role/<name>'"),
  /** A file that `winnow datasources connect --output` wrote. */
  template: z.string(),
  /** Sids of its statements that are left out, to see what is said of them. */
  without: z.array(z.string()).default([]),
});
const file = z.strictObject({ buckets: z.array(bucket).default([]), roles: z.array(role).default([]) });

/** As `connect` writes it: nothing in the role is to be worked out. */
const template = z.object({
  Resources: z.object({
    WinnowRole: z.object({
      Properties: z.object({
        AssumeRolePolicyDocument: z.unknown(),
        MaxSessionDuration: z.int(),
        Policies: z.array(
          z.object({ PolicyDocument: z.object({ Statement: z.array(z.looseObject({ Sid: z.string() })) }) }),
        ),
      }),
    }),
  }),
});

/** Buckets and roles of other accounts, as a file describes them. */
export interface OtherAccounts {
  readonly buckets: readonly (ForeignBucket & { readonly events: boolean })[];
  readonly roles: readonly RolePlan[];
}

/** @throws Error that names the file and what is wrong with it */
export function readOtherAccounts(path: string): OtherAccounts {
  const { buckets, roles } = parsed(file, path);
  return {
    buckets,
    roles: roles.map(({ arn, template: name, without }) => {
      const { Properties } = parsed(template, resolve(dirname(path), name)).Resources.WinnowRole;
      return {
        ...{ arn, name: arn.slice(arn.lastIndexOf('/') + 1) },
        trust: policyDocument.parse(Properties.AssumeRolePolicyDocument),
        policies: Properties.Policies.map(({ PolicyDocument }) =>
          policyDocument.parse({
            Statement: PolicyDocument.Statement.filter(({ Sid }) => !without.includes(Sid)),
          }),
        ),
        maximumSessionSeconds: Properties.MaxSessionDuration,
      };
    }),
  };
}

function parsed<T>(schema: z.ZodType<T>, path: string): T {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new Error(`${path}: ${why}`, { cause: error });
  }
}

/** Brings a running cloud from what was described before to what is now. */
export function applyOtherAccounts(
  { foreignBuckets, foreignRoles, outputs }: Pick<LocalCloud, 'foreignBuckets' | 'foreignRoles' | 'outputs'>,
  now: OtherAccounts,
  before: OtherAccounts = { buckets: [], roles: [] },
): void {
  const { EventBusArn } = outputs;
  for (const { events, ...described } of now.buckets) {
    foreignBuckets.set({ ...described, ...(events && EventBusArn && { eventBus: EventBusArn }) });
  }
  for (const { name } of before.buckets) {
    if (!now.buckets.some((other) => other.name === name)) foreignBuckets.delete(name);
  }
  for (const each of now.roles) foreignRoles.set(each);
  for (const { arn } of before.roles) {
    if (!now.roles.some((other) => other.arn === arn)) foreignRoles.delete(arn);
  }
}

/** Accounts whose events come: what `inputAccounts` says of a deployment. */
export const sendersAmong = ({ buckets }: OtherAccounts): string[] =>
  buckets.flatMap(({ accountId = ACCOUNT_ID, events }) => (events ? [accountId] : []));

const LOOK_EVERY_MS = 500;

/** Applies the file again whenever it, or a template that it names, says something else. @returns ends that */
export function followOtherAccounts(
  path: string,
  running: { readonly cloud: LocalCloud },
  tell: (text: string) => void,
): () => void {
  let before: OtherAccounts | undefined;
  let said = '';
  const look = () => {
    try {
      const now = readOtherAccounts(path);
      said = '';
      if (JSON.stringify(now) === JSON.stringify(before)) return;
      applyOtherAccounts(running.cloud, now, before);
      before = now;
      tell(`${path}: ${now.buckets.length} buckets and ${now.roles.length} roles of other accounts.`);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (text !== said) tell(`${text}\nWhat was there before goes on.`);
      said = text;
    }
  };
  look();
  const timer = setInterval(look, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

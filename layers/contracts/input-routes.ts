import { z } from 'zod';
import { datasourceProblem, datasourceVerification, foundProblem } from './datasource-state.ts';
import { milliseconds, objectId } from './schema.ts';
import { registryCounts, SYNC_KINDS, syncCounts } from './syncs.ts';

/** `/winnow/v1/datasets/{datasetId}/...`: what is sent and what is answered about where its images come from. */

/** As the field `input` of settings has it; what is left out has its default. */
export const dryRunRequest = z.strictObject({
  filter: z.record(z.string(), z.unknown()).exactOptional(),
});

/** `PUT` and `PATCH …/input/settings`: fields of `input`. The answer is all of it, as that of `GET`. */
export const inputSettingsRequest = z.record(z.string(), z.unknown());

const counted = z.strictObject({ count: z.int().nonnegative(), examples: z.array(z.string()) });
/** `POST …/input/dry-run`: what would become of objects. Examples are names. */
export const dryRunAnswer = z.strictObject({
  /** `newest`: the newest objects of the last complete sync; `first`: the first ones of a listing, by name. */
  source: z.enum(['newest', 'first']),
  /** When they were listed (ms). */
  listedAt: milliseconds,
  objects: z.int().nonnegative(),
  taken: counted,
  /** Of those taken: they are registered as rejected, until somebody restores them. */
  archived: counted,
  skipped: z.array(z.strictObject({ reason: z.string(), ...counted.shape })),
  /** Where it differs from what the settings say now. */
  changes: z.strictObject({ taken: counted, skipped: counted }),
});
export type DryRunAnswer = z.infer<typeof dryRunAnswer>;

export const syncRequest = z.strictObject({
  /** As if nothing was known of earlier listings. */
  thorough: z.boolean().exactOptional(),
  /** All images count as gone where the datasource lists nothing at all: else that is refused. */
  acceptRemovals: z.boolean().exactOptional(),
});

/** ms, or ISO 8601 with a time zone. */
const time = z.union([milliseconds, z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))], {
  error: 'expected milliseconds since 1970, or a time such as 2026-01-31T09:00:00Z',
});
export const replayRequest = z
  .strictObject({
    /** Beginning of names, relative to the datasource. */
    prefix: z.string().min(1).max(1_024).exactOptional(),
    /** Last modification, both inclusive. */
    from: time.exactOptional(),
    to: time.exactOptional(),
    /** Has to be said where nothing narrows it. */
    all: z.literal(true).exactOptional(),
  })
  .refine(({ all, prefix, from, to }) => (all ?? prefix ?? from ?? to) !== undefined, {
    message: 'expected one of prefix, from and to, or all: true to have every object read again',
  })
  .refine(({ from = 0, to = Number.POSITIVE_INFINITY }) => from <= to, {
    path: ['from'],
    message: 'expected a time that is not after that of to',
  });
export type ReplayRequest = z.input<typeof replayRequest>;

/** `POST …/sync`, `POST …/replay`: what was asked for, to look at later. */
export const askedAnswer = z.strictObject({ id: z.string() });
/** `GET …/syncs/{id}`, for the id of a sync or replay that was asked for. */
export const askedSyncAnswer = z.strictObject({
  id: z.string(),
  /** WAITING: it has not begun, or nothing is known of it; of replays only the last ones are remembered. */
  state: z.enum(['WAITING', 'RUNNING', 'DONE', 'FAILED']),
  /** Why it is FAILED, and what to do: it goes on by itself then. */
  error: z.string().exactOptional(),
  /** Nothing of the dataset goes on before somebody resumes it. */
  pausedAt: milliseconds.exactOptional(),
});
export type AskedSyncAnswer = z.infer<typeof askedSyncAnswer>;

/** `POST …/transfer` */
export const transferRequest = z
  .strictObject({ userId: objectId.exactOptional(), email: z.string().min(1).max(254).exactOptional() })
  .refine(({ userId, email }) => (userId === undefined) !== (email === undefined), {
    message: 'expected userId or email',
  });
export const transferAnswer = z.strictObject({ userId: objectId, email: z.string() });

/** `POST …/pause`, `POST …/resume` */
export const pauseAnswer = z.strictObject({ pausedAt: milliseconds.exactOptional() });

/** Of an IAM policy. */
const policyStatement = z.strictObject({
  Sid: z.string(),
  Effect: z.literal('Allow'),
  Action: z.array(z.string()).readonly(),
  Resource: z.string().exactOptional(),
  Principal: z.strictObject({ AWS: z.string() }).exactOptional(),
  Condition: z.record(z.string(), z.record(z.string(), z.string())).exactOptional(),
});
/** `GET …/input/delegated-access`: what a role and a rule of another account have to name. */
export const delegatedAccessAnswer = z.strictObject({
  accountId: z.string(),
  /** Of the roles' trust policy. */
  principal: z.string(),
  externalId: z.string(),
  eventBusArn: z.string(),
  ingestQueueArn: z.string(),
  /** Of the roles' permissions, for the path that was asked for or is configured. Empty where there is none. */
  statements: z.array(policyStatement),
});
export type DelegatedAccessAnswer = z.infer<typeof delegatedAccessAnswer>;

/** `POST …/input/verify`: as the protocol's, with what would put it right. */
export const verifyAnswer = z.strictObject({
  ...datasourceVerification.shape,
  problems: z.array(foundProblem),
  /** What is refused and can be done without. */
  hints: z.array(foundProblem),
  /** Of the role's policies. */
  missing: z.array(
    z.strictObject({
      policy: z.enum(['permissions', 'trust']),
      /** ARN of the role that it is missing from. */
      role: z.string(),
      statement: policyStatement,
    }),
  ),
});
export type VerifyAnswer = z.infer<typeof verifyAnswer>;

const progress = z.strictObject({
  id: objectId,
  kind: z.enum(SYNC_KINDS),
  source: z.enum(['listing', 'inventory']),
  /** The manifest of the report that is read, and why none was. */
  report: z.string().exactOptional(),
  reportProblem: z.string().exactOptional(),
  state: z.enum(['RUNNING', 'DONE', 'FAILED']),
  startedAt: milliseconds,
  lastProgressAt: milliseconds,
  finishedAt: milliseconds.exactOptional(),
  error: z.string().exactOptional(),
  listed: z.int().nonnegative(),
  estimatedTotal: z.number().exactOptional(),
  estimatedSecondsLeft: z.number().exactOptional(),
  parts: z.strictObject({ done: z.int().nonnegative(), all: z.int().nonnegative() }),
  counts: syncCounts,
  isFirst: z.boolean(),
  last: z
    .strictObject({ startedAt: milliseconds, finishedAt: milliseconds, counts: syncCounts })
    .exactOptional(),
});

/** `GET …/input` */
export const inputAnswer = z.strictObject({
  datasource: z.strictObject({
    id: objectId,
    type: z.string(),
    purpose: z.string(),
    path: z.string(),
    region: z.string().exactOptional(),
    role: z.string().exactOptional(),
  }),
  /** `landing`: the landing bucket's own; `bucket`: those of this bucket, once it sends some; `none`: it is listed only. */
  events: z.strictObject({
    from: z.enum(['landing', 'bucket', 'none']),
    bucket: z.string().exactOptional(),
    lastAt: milliseconds.exactOptional(),
  }),
  pausedAt: milliseconds.exactOptional(),
  lastVerified: z.strictObject({ at: milliseconds, ...datasourceVerification.shape }).exactOptional(),
  problem: datasourceProblem.exactOptional(),
  sync: progress.exactOptional(),
  counts: z.strictObject({
    samples: z.int().nonnegative(),
    /** Of these, whose image is gone. */
    unavailable: z.int().nonnegative(),
    /** Images that no run has read, and events that wait for access or the end of a pause: counted up to 1,000. */
    pending: z.int().nonnegative(),
    held: z.int().nonnegative(),
    /** What was registered when the last complete listing began (ms); absent until there was one. */
    registry: z.strictObject({ at: milliseconds, ...registryCounts.shape }).exactOptional(),
  }),
});
export type InputAnswer = z.infer<typeof inputAnswer>;

import type { ForeignBucket } from './foreign-buckets.ts';
import type { RolePlan } from './plan-types.ts';

export interface LocalLogLine {
  /** The stage that wrote it, or `local` for the local cloud itself. */
  readonly stage: string;
  readonly text: string;
}

export interface LocalCloudOptions {
  /** The folder that `cdk synth` wrote. */
  readonly assembly: string;
  /** Which of the assembly's stacks. @default the only one */
  readonly stack?: string;
  /** Values of template parameters. @default the template's */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Where state is kept. @default a temporary folder, removed at `close` */
  readonly stateDirectory?: string;
  /** Seconds after which messages of a failed or killed invocation come back at the latest. @default the queue's */
  readonly visibilityTimeoutCap?: number;
  /** Receives after which a message goes to its dead-letter queue. @default the queue's */
  readonly maxReceiveCount?: number;
  /** How often each message is delivered, as SQS may do: the answer to the last delivery counts. @default 1 */
  readonly deliveriesPerMessage?: number;
  /** Variables that a stage's function gets besides the template's. @default none */
  readonly environment?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Seconds to which longer schedule rates are shortened. @default none */
  readonly schedulePeriodCap?: number;
  /** Processes of one function, where its mapping allows as many. @default the number of processors */
  readonly maximumProcesses?: number;
  /** Seconds to which longer sessions of assumed roles are shortened. @default none */
  readonly sessionSecondsCap?: number;
  /** Roles outside the stack that its functions may try to assume; they can change later. @default none */
  readonly foreignRoles?: readonly RolePlan[];
  /** Buckets outside the stack, by name or described, for `foreignRoles` to open; they can change later. @default none */
  readonly foreignBuckets?: readonly (ForeignBucket | string)[];
  /** Accounts that may send events to the buses of the stack, beside those that its template lets in. @default none */
  readonly eventSenders?: readonly string[];
  /** Output of functions, and notices. Without it, output of functions is not read at all. @default none */
  readonly log?: (line: LocalLogLine) => void;
  /** Notices of the local cloud itself: failed invocations, addresses that changed. @default `log` */
  readonly notice?: (text: string) => void;
}

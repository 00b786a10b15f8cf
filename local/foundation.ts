import { type BucketNotifications, createBucketNotifications } from './bucket-notifications.ts';
import { createEventBridge, DEFAULT_BUS } from './event-bridge.ts';
import { createFaults, type FaultInjection } from './faults.ts';
import { SnsStore, SqsStore } from './fauxqs-parts.ts';
import { createKnownBuckets, type KnownBuckets } from './foreign-buckets.ts';
import type { FunctionRequest, Functions } from './functions.ts';
import { createGate, type Gate } from './gate.ts';
import type { Lifetime } from './lifetime.ts';
import { createListingLag, type ListingLag } from './listing-lag.ts';
import { createNotifier } from './object-events.ts';
import { ObjectStore } from './object-store.ts';
import type { LocalCloudOptions } from './options.ts';
import { ACCOUNT_ID, REGION } from './physical-names.ts';
import type { StackPlan } from './plan-types.ts';
import { createPrincipals, type Principals } from './principals.ts';
import { createRequestListeners, type RequestListeners } from './request-listeners.ts';
import { createRoles, type Roles } from './roles.ts';
import type { Secrets } from './secrets.ts';
import type { StateDirectory } from './state-directory.ts';
import { StorageDatabase } from './storage-database.ts';

export type StackSettings = LocalCloudOptions & { readonly maximumProcesses: number };

/** What requests are served from; the plan and what follows from it come once the servers' addresses are known. */
export interface Foundation {
  readonly settings: StackSettings;
  readonly state: StateDirectory;
  readonly lifetime: Lifetime;
  readonly principals: Principals;
  readonly roles: Roles;
  readonly gate: Gate;
  readonly requests: RequestListeners;
  readonly objects: ObjectStore;
  readonly buckets: KnownBuckets;
  readonly lag: ListingLag;
  readonly notifications: BucketNotifications;
  readonly faults: FaultInjection;
  readonly queues: SqsStore;
  readonly live: {
    plan: StackPlan | undefined;
    functions: Functions | undefined;
    secrets: Secrets | undefined;
  };
  readonly now: () => number;
  readonly onProblem: (text: string) => void;
}

/** Opens the state and what serves requests from it; nothing listens yet. */
export function layFoundation(
  settings: StackSettings,
  state: StateDirectory,
  lifetime: Lifetime,
): Foundation {
  const now = Date.now;
  const live: Foundation['live'] = { plan: undefined, functions: undefined, secrets: undefined };
  const requests = createRequestListeners();
  const principals = createPrincipals(state.remembered.seed, ACCOUNT_ID);
  const roles = createRoles(() => live.plan?.roles ?? [], settings.foreignRoles ?? []);
  const gate = createGate(principals, now, (request) => {
    if (live.functions) requests.tell(live.functions.number(request) satisfies FunctionRequest);
  });
  const database = new StorageDatabase(state.path);
  lifetime.atEnd(() => database.close());
  const queues = new SqsStore();
  const onProblem = settings.notice ?? ((text: string) => settings.log?.({ stage: 'local', text }));
  const notifications = createBucketNotifications((arn) => queues.getQueueByArn(arn) !== undefined);
  const { objects, buckets, lag } = openObjects({
    ...{ database, settings, live, queues, notifications, now, onProblem },
  });
  database.load(queues, new SnsStore(), objects);
  queues.persistence = database;
  objects.persistence = database;
  for (const queue of queues.allQueues()) queue.persistence = database;
  return {
    ...{ settings, state, lifetime, principals, roles, gate, requests, live, now, onProblem },
    ...{ objects, buckets, lag, notifications, queues, faults: createFaults() },
  };
}

function openObjects({
  database,
  ...parts
}: ChangeParts & { readonly database: StorageDatabase }): Pick<Foundation, 'objects' | 'buckets' | 'lag'> {
  const { now } = parts;
  const buckets = createKnownBuckets((name) => objects.createBucket(name));
  const lag = createListingLag((bucket) => buckets.describe(bucket).listingLagMs ?? 0, now);
  const isVersioned = (bucket: string) => buckets.describe(bucket).versioned ?? false;
  const onChange = announceChanges(buckets, parts);
  const objects = new ObjectStore({ database, onChange, isVersioned, beforeChange: lag.note });
  return { objects, buckets, lag };
}

type ChangeParts = Pick<Foundation, 'settings' | 'live' | 'queues' | 'notifications' | 'now' | 'onProblem'>;

/** To queues that notifications of a bucket name, and to EventBridge. */
function announceChanges(
  buckets: KnownBuckets,
  { settings, live, queues, notifications, now, onProblem }: ChangeParts,
) {
  const here = { region: REGION, accountId: ACCOUNT_ID, now };
  const send = (queueArn: string, body: string) =>
    queues.getQueueByArn(queueArn)?.enqueue(SqsStore.createMessage(body));
  const planned = (bucket: string) => live.plan?.buckets.find(({ name }) => name === bucket);
  const publish = createEventBridge({
    ...here,
    plan: () => live.plan,
    busOf: (bucket) => {
      const { eventBus } = buckets.describe(bucket);
      const isOn = planned(bucket)?.eventBridge || notifications.hasEventBridge(bucket);
      return eventBus ?? (isOn ? DEFAULT_BUS : undefined);
    },
    ownerOf: buckets.ownerOf,
    senders: settings.eventSenders ?? [],
    send,
    onProblem,
  });
  return createNotifier({
    ...here,
    notifications: (bucket) => [...(planned(bucket)?.notifications ?? []), ...notifications.rulesOf(bucket)],
    send,
    publish,
  });
}

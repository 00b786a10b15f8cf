import { ADMINISTRATOR_ID, type User } from '#contracts/access';
import { ForbiddenError, InvalidInputError, NotFoundError } from '#contracts/errors';
import { type ObjectId, objectId, parseWith } from '#contracts/schema';
import { BUILT_IN_WORKER_ID, type Worker, worker } from '#contracts/workers';
import { type AssetScope, isInAssetScope } from '../access/asset-scope.ts';
import { administersTeam, mayUse } from '../access/dataset-access.ts';
import type { UserStore } from '../access/users.ts';
import { derivedObjectId } from '../derived-id.ts';
import { WORKER_VERSION } from '../runs/worker-version.ts';
import type { WorkerStore } from './workers.ts';

/** The worker that is part of Winnow, as others are listed. It takes as many runs as there are datasets. */
export const builtInWorker = (now: number): Worker => ({
  id: BUILT_IN_WORKER_ID,
  userId: ADMINISTRATOR_ID,
  name: 'Winnow',
  labels: [],
  state: 'IDLE',
  dockerVersion: WORKER_VERSION,
  createdAt: 0,
  lastModifiedAt: now,
  lastSeenAt: now,
});

export interface NewWorker {
  readonly name: string;
  readonly labels?: readonly string[] | undefined;
  readonly dockerVersion?: string | undefined;
}

export interface RegistryDeps {
  readonly workers: WorkerStore;
  readonly users: Pick<UserStore, 'get'>;
  /** ms */
  readonly now: () => number;
}

/**
 * Registers a worker. One that its owner has registered under this name is that worker; labels replace its own where
 * some are given, for clients send none where they mean none in particular.
 *
 * @param owner whose it is to be, where not the caller's
 * @returns its id
 * @throws ForbiddenError, NotFoundError where the owner is somebody else whom the caller can't register a worker for
 */
export async function registerWorker(
  { name, labels = [], dockerVersion }: NewWorker,
  { caller, owner = caller.id }: { readonly caller: User; readonly owner?: string | undefined },
  { workers, users, now }: RegistryDeps,
): Promise<ObjectId> {
  await checkOwner(caller, owner, users);
  const at = now();
  const registered = parseWith(
    worker,
    {
      ...{ id: derivedObjectId('worker', owner, name), userId: owner, name, labels: [...new Set(labels)] },
      ...{ state: 'OFFLINE', createdAt: at, lastModifiedAt: at },
      ...(dockerVersion !== undefined && { dockerVersion }),
    },
    'The worker',
  );
  await workers.create(registered);
  if (labels.length > 0) await workers.relabel(registered.id, registered.labels, at);
  return registered.id;
}

/** Longest text that a worker says of itself, or that is quoted. */
const LONGEST_TEXT = 255;

async function checkOwner(caller: User, owner: string, users: RegistryDeps['users']): Promise<void> {
  if (owner === caller.id) return;
  if (!administersTeam(caller)) {
    throw new ForbiddenError(
      'Only administrators of the team register workers for others. Leave forUserId out.',
    );
  }
  const isKnown =
    owner === ADMINISTRATOR_ID || (objectId.safeParse(owner).success && (await users.get(owner)));
  if (!isKnown) throw new NotFoundError('user', owner.slice(0, LONGEST_TEXT));
}

/** A worker that the caller may use: their own, or the built-in one. @throws NotFoundError, ForbiddenError */
export async function usableWorker(
  caller: User,
  workerId: ObjectId,
  { workers, now }: Pick<RegistryDeps, 'workers' | 'now'>,
): Promise<Worker> {
  if (workerId === BUILT_IN_WORKER_ID) return builtInWorker(now());
  const found = await workers.get(workerId);
  if (!found) throw new NotFoundError('worker', workerId);
  if (!mayUse(caller, found.userId)) {
    throw new ForbiddenError(`Worker '${workerId}' is not yours. Its owner may use it.`);
  }
  return found;
}

/** A worker that the caller may speak for. @throws NotFoundError, ForbiddenError */
export async function ownWorker(
  caller: User,
  workerId: ObjectId,
  deps: Pick<RegistryDeps, 'workers' | 'now'>,
): Promise<Worker> {
  const found = await usableWorker(caller, workerId, deps);
  if (found.id !== BUILT_IN_WORKER_ID) return found;
  throw new ForbiddenError('The built-in worker speaks for itself. Register one of your own.');
}

/** The caller's workers, or for administrators those of the team; and always the built-in one. */
export async function listWorkers(
  caller: User,
  scope: AssetScope,
  { workers, now }: Pick<RegistryDeps, 'workers' | 'now'>,
): Promise<Worker[]> {
  const listed = (await workers.list()).filter(
    ({ userId }) => isInAssetScope(scope, caller, userId) && mayUse(caller, userId),
  );
  return [builtInWorker(now()), ...listed];
}

/** What a worker says of itself, which is also a sign of life. @throws NotFoundError, ForbiddenError */
export async function updateWorker(
  caller: User,
  workerId: ObjectId,
  change: Parameters<WorkerStore['update']>[1],
  deps: Pick<RegistryDeps, 'workers' | 'now'>,
): Promise<void> {
  if ((change.dockerVersion?.length ?? 0) > LONGEST_TEXT) {
    throw new InvalidInputError(`$.dockerVersion: must have at most ${LONGEST_TEXT} characters.`);
  }
  await ownWorker(caller, workerId, deps);
  if (!(await deps.workers.update(workerId, change, deps.now()))) throw new NotFoundError('worker', workerId);
}

/** Signs of life that follow each other this closely (ms) are one: a worker asks for runs every few seconds. */
const SIGN_EVERY_MS = 30_000;

/** The worker has asked for something. */
export async function noteSignOfLife(
  { id, lastSeenAt = 0 }: Worker,
  { workers, now }: Pick<RegistryDeps, 'workers' | 'now'>,
): Promise<void> {
  if (id !== BUILT_IN_WORKER_ID && now() - lastSeenAt >= SIGN_EVERY_MS) await workers.noteSign(id, now());
}

import type { User } from '#contracts/access';
import {
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  PayloadTooLargeError,
} from '#contracts/errors';
import { isNestedDeeperThan } from '#contracts/nesting';
import { newObjectId, type ObjectId } from '#contracts/schema';
import type { WorkerConfig, WorkerConfigVersion } from '#contracts/worker-config';
import { mayUse } from '../access/dataset-access.ts';
import type { WorkerConfigStore } from './worker-config-store.ts';

/** An item of the table holds 400 KB, and it may have to hold two documents. */
const MOST_BYTES = 150_000;
/** Options of the protocol are five levels deep. */
const MOST_LEVELS = 50;

export interface WorkerConfigsDeps {
  readonly workerConfigs: WorkerConfigStore;
  /** ms */
  readonly now: () => number;
}

/**
 * Keeps a worker config as it is given.
 * @param config the protocol's config of that version
 * @returns its id
 * @throws PayloadTooLargeError, InvalidInputError where it is too large or too deep to be kept
 */
export async function createWorkerConfig(
  version: WorkerConfigVersion,
  config: object,
  { id: userId }: User,
  { workerConfigs, now }: WorkerConfigsDeps,
): Promise<ObjectId> {
  const createdAt = now();
  const id = newObjectId(createdAt);
  await workerConfigs.create({ id, userId, version, document: documentOf(config), createdAt });
  return id;
}

/**
 * Replaces a worker config by one of version V0.
 * @throws ConflictError where a run has been scheduled with it; NotFoundError, ForbiddenError
 */
export async function replaceWorkerConfig(
  configId: ObjectId,
  config: object,
  caller: User,
  { workerConfigs }: WorkerConfigsDeps,
): Promise<void> {
  const stored = await usableWorkerConfig(caller, configId, workerConfigs);
  const document = documentOf(config);
  if (stored.document === document && stored.version === 'V0') return;
  if (await workerConfigs.replace(stored, 'V0', document)) return;
  throw new ConflictError(
    `A run has been scheduled with worker config '${configId}', so it can't be changed. Create a new one.`,
    { apiCode: 'DOCKER_WORKER_CONFIG_IN_USE' },
  );
}

/** @throws NotFoundError, ForbiddenError */
export async function usableWorkerConfig(
  caller: User,
  configId: ObjectId,
  workerConfigs: Pick<WorkerConfigStore, 'get'>,
): Promise<WorkerConfig> {
  const found = await workerConfigs.get(configId);
  if (!found) throw new NotFoundError('worker config', configId);
  if (mayUse(caller, found.userId)) return found;
  throw new ForbiddenError(`Worker config '${configId}' is not yours. Create one of your own.`);
}

function documentOf(config: object): string {
  if (isNestedDeeperThan(MOST_LEVELS, config)) {
    throw new InvalidInputError(`$.config: must not be nested more than ${MOST_LEVELS} levels deep.`);
  }
  const document = JSON.stringify(config);
  if (Buffer.byteLength(document) <= MOST_BYTES) return document;
  throw new PayloadTooLargeError(`A worker config may have ${MOST_BYTES} bytes of JSON.`);
}

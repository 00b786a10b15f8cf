import { setTimeout as sleep } from 'node:timers/promises';
import { ConflictError } from '#contracts/errors';
import { askedSyncAnswer } from '#contracts/input-routes';
import { SyncFailedError } from '../../client/index.ts';
import type { Api } from '../api-command.ts';
import { askForDataset } from './input-api.ts';

/** Between two looks (ms). */
const LOOK_EVERY_MS = 2_000;

/**
 * Waits until a sync or a replay that was asked for is done.
 * @param asked its id
 * @throws SyncFailedError where its datasource refuses; ConflictError where the dataset is paused
 */
export async function waitForSync(
  api: Api,
  { id, name }: { readonly id: string; readonly name: string },
  asked: string,
): Promise<void> {
  for (;;) {
    const what = `syncs/${asked}`;
    const { state, error, pausedAt } = await askForDataset(api, id, { method: 'GET', what }, askedSyncAnswer);
    if (state === 'DONE') return;
    if (pausedAt !== undefined) {
      throw new ConflictError(
        `${name} is paused: this goes on within five minutes after winnow datasources resume.`,
      );
    }
    if (state === 'FAILED') throw new SyncFailedError(error ?? 'It failed: see winnow datasources status.');
    await sleep(LOOK_EVERY_MS, undefined, { signal: api.signal }).catch(() => api.signal.throwIfAborted());
  }
}

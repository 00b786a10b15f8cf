import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Dataset } from '#contracts/items';
import { storeConnections } from '#stores/store-connections';
import { reconcile } from '../../functions/reconcile/reconcile.ts';
import type { ReconcileDeps } from '../../functions/reconcile/reconcile-deps.ts';
import { type IngestStage, startIngestStage } from '../support/ingest-stage.ts';
import { EMPTY_BUCKET, MINUTE, reconcileDepsOver } from '../support/reconcile-stage.ts';

/** More than are tried at a time. */
const SILENT = 12;
const TRIAL_MS = 1_000;

/** Only its queues and its telemetry are asked for what they have recorded. */
type ReconcileRecorded = ReconcileDeps &
  Pick<ReturnType<typeof reconcileDepsOver>, 'syncQueue' | 'telemetry'>;

let stage: IngestStage;
let server: Server;
let deps: ReconcileRecorded;
/** Of the server that takes requests and answers none. */
const sockets = new Set<Socket>();
let silent: Dataset[];
let sound: Dataset[];
/** Datasets whose datasource was opened. */
let tried: string[];

beforeAll(async () => {
  stage = await startIngestStage();
  server = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  silent = await newDatasets('silent', SILENT);
  sound = await newDatasets('sound', 3);
  for (const { id } of silent) {
    await stage.stores.datasources.replace({
      ...{ datasetId: id, version: 1, lastModifiedAt: 1 },
      configs: [
        { type: 'LOCAL', purpose: 'INPUT', fullPath: '', webServerLocation: `http://127.0.0.1:${port}` },
      ],
    });
    await stage.stores.states.noteProblem(id, 1, {
      ...{ use: 'INPUT', code: 'UNREACHABLE', scope: 'datasource', action: 'read', resource: 'here' },
      ...{ reason: 'Nothing answers.', seenAt: 1 },
    });
  }
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  await stage.stop();
});
beforeEach(() => {
  tried = [];
  const connections = storeConnections({ privateEndpoints: 'allow' });
  const open = (async (datasource: Parameters<typeof connections.open>[0]) => {
    tried.push(datasource.id);
    return connections.open(datasource);
  }) as typeof connections.open;
  deps = {
    ...reconcileDepsOver(stage),
    ...{ datasourceConnections: { open }, longestTrialMs: TRIAL_MS, landing: EMPTY_BUCKET },
  };
});

const newDatasets = async (name: string, count: number): Promise<Dataset[]> => {
  const made: Dataset[] = [];
  while (made.length < count) made.push((await stage.deps.ensureDataset(`${name}-${made.length}`))!);
  return made;
};
const listedNow = () => deps.syncQueue.take().map(({ message }) => message.datasetId);
/** By the clock of the machine, as a silent server makes one wait; half of the time is always left, however slow that is. */
const roundOf = (ms: number) => {
  const end = Date.now() + ms;
  return { isLong: false, leftMs: () => Math.max(end - Date.now(), ms / 2) };
};

describe('datasources that do not answer', () => {
  test('are tried side by side, and all else that a round does is done', async () => {
    // One after the other, half of them would be tried in a third of it.
    await reconcile(roundOf(18_000), deps);
    expect(new Set(tried).size).toBe(SILENT);
    expect(deps.telemetry.total('DatasourcesFailing')).toBe(SILENT);
    expect(listedNow().toSorted()).toEqual(sound.map(({ id }) => id).toSorted());
    expect(deps.telemetry.total('EmbeddingsOutdated')).toBe(0);
  });

  test('take no more than a third of a round; those that were not tried still count as failing', async () => {
    await reconcile(roundOf(6_000), { ...deps, longestTrialMs: 2_500 });
    expect(tried.length).toBeGreaterThanOrEqual(10);
    expect(tried.length).toBeLessThan(SILENT);
    expect(deps.telemetry.total('DatasourcesFailing')).toBe(SILENT);
    expect(listedNow().toSorted()).toEqual(sound.map(({ id }) => id).toSorted());
  });

  test('are not tried where the round could end before the trial', async () => {
    await reconcile({ isLong: false, leftMs: () => TRIAL_MS - 1 }, deps);
    expect(tried).toEqual([]);
    expect(deps.telemetry.total('DatasourcesFailing')).toBe(SILENT);
    expect(listedNow()).toHaveLength(sound.length);
  });
});

test('each round begins at another dataset', async () => {
  const firsts = new Set<string | undefined>();
  for (let round = 0; round < 4; round++) {
    await reconcile({ isLong: false, leftMs: () => TRIAL_MS - 1 }, deps);
    firsts.add(listedNow()[0]);
    stage.clock.now += 5 * MINUTE;
  }
  expect(firsts.size).toBeGreaterThan(1);
});

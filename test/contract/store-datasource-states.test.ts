import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { datasourceStateStore } from '#aws/datasource-state-store';
import type { FoundProblem } from '#contracts/datasource-state';
import type { DatasourceStateStore } from '#platform/datasources/datasource-states';
import { startTableServer, type TableServer } from '../support/aws-servers.ts';
import { newId } from '../support/documents.ts';

const DENIED: FoundProblem = {
  ...{ use: 'INPUT', code: 'DENIED', scope: 'object', action: 's3:GetObject', resource: 'arn' },
  ...{ reason: 'Allow it.', fileName: 'a.jpg', seenAt: 10 },
};
const VERIFIED = { at: 20, canList: true, canRead: true, canWrite: true, canOverwrite: true };

let server: TableServer;
let states: DatasourceStateStore;
let id: string;
beforeAll(async () => {
  server = await startTableServer();
  states = datasourceStateStore(server.table);
});
afterAll(() => server.stop());
beforeEach(() => {
  id = newId();
});

describe('what was found out', () => {
  test('of a datasource that was replaced since is not noted', async () => {
    await states.forget(id, 2);
    expect(await states.noteProblem(id, 1, DENIED)).toBe(false);
    expect(await states.noteVerified(id, 1, VERIFIED)).toBe(false);
    expect(await states.get(id)).toEqual({ datasetId: id, version: 2 });
    expect(await states.noteProblem(id, 2, DENIED)).toBe(true);
    expect(await states.noteVerified(id, 1, VERIFIED)).toBe(false);
    expect((await states.get(id))?.problem).toMatchObject({ code: 'DENIED' });
  });

  test('holds no more of the one that took its place, though nobody has had it forgotten', async () => {
    await states.noteVerified(id, 1, { ...VERIFIED, canRead: false }, DENIED);
    expect(await states.noteProblem(id, 2, { ...DENIED, seenAt: 30 })).toBe(true);
    const state = await states.get(id);
    expect(state).toMatchObject({ version: 2, problem: { since: 30 } });
    expect(state).not.toHaveProperty('lastVerified');
  });

  test('keeps since when a problem is known, and the file to try', async () => {
    await states.noteProblem(id, 1, DENIED);
    const { fileName: _, ...ofAll } = { ...DENIED, seenAt: 15 };
    await states.noteProblem(id, 1, ofAll);
    expect((await states.get(id))?.problem).toMatchObject({ since: 10, seenAt: 15, fileName: 'a.jpg' });
    await states.noteVerified(id, 1, VERIFIED);
    expect(await states.get(id)).toEqual({ datasetId: id, version: 1, lastVerified: VERIFIED });
  });

  test('is forgotten by who comes later only; what is held stays noted', async () => {
    await states.noteHeld(id, 5);
    await states.noteProblem(id, 3, DENIED);
    await states.forget(id, 2);
    expect((await states.get(id))?.problem).toBeDefined();
    await states.forget(id, 3);
    expect(await states.get(id)).toEqual({ datasetId: id, version: 3, heldAt: 5 });
  });
});

describe('sending what is held', () => {
  test('is claimed by one; by others once that one is silent', async () => {
    expect(await states.claimRelease(id, { until: 100, held: undefined, now: 1 })).toBe(true);
    expect(await states.claimRelease(id, { until: 200, held: undefined, now: 100 })).toBe(false);
    expect(await states.claimRelease(id, { until: 200, held: 100, now: 50 })).toBe(true);
    expect(await states.claimRelease(id, { until: 300, held: 100, now: 50 })).toBe(false);
    expect(await states.claimRelease(id, { until: 300, held: undefined, now: 201 })).toBe(true);
    await states.endRelease(id, 200);
    expect(await states.get(id)).toMatchObject({ releasingUntil: 300 });
    await states.endRelease(id, 300);
    expect(await states.get(id)).not.toHaveProperty('releasingUntil');
  });
});

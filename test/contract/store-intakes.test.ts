import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { intakeStore } from '#aws/intake-store';
import { LOST_CHECK_AFTER_MS } from '#platform/scheduling/intake';
import { startTableServer, type TableServer } from '../support/aws-servers.ts';
import { newId, race } from '../support/documents.ts';

let server: TableServer;
beforeAll(async () => {
  server = await startTableServer();
});
afterAll(() => server.stop());

const AT = 1_700_000_000_000;
const store = () => intakeStore(server.table);
const arrivalOf = (datasetId: string, at = AT) => ({
  datasetId,
  scheduledId: newId(),
  at,
  checkAt: at + 2_000,
});

describe('noteArrival', () => {
  test('the first arrival opens the intake and claims the check', async () => {
    const arrival = arrivalOf(newId());
    expect(await store().get(arrival.datasetId)).toBeUndefined();
    expect(await store().noteArrival(arrival)).toEqual({ checkClaimed: true });
    expect(await store().get(arrival.datasetId)).toEqual({
      datasetId: arrival.datasetId,
      scheduledId: arrival.scheduledId,
      firstArrivalAt: AT,
      lastArrivalAt: AT,
      checkAt: AT + 2_000,
    });
  });

  test('later ones only move the last arrival', async () => {
    const first = arrivalOf(newId());
    await store().noteArrival(first);
    expect(await store().noteArrival(arrivalOf(first.datasetId, AT + 700))).toEqual({ checkClaimed: false });
    expect(await store().get(first.datasetId)).toEqual({
      datasetId: first.datasetId,
      scheduledId: first.scheduledId,
      firstArrivalAt: AT,
      lastArrivalAt: AT + 700,
      checkAt: AT + 2_000,
    });
  });

  test('of fifty racers one claims the check, and every arrival leaves a trace', async () => {
    const datasetId = newId();
    const noted = await race(() => store().noteArrival(arrivalOf(datasetId)));
    expect(noted.filter(({ checkClaimed }) => checkClaimed)).toHaveLength(1);
    expect(await store().get(datasetId)).toMatchObject({ firstArrivalAt: AT, lastArrivalAt: AT + 49 });
  });

  test('of fifty racers one claims a check that was lost', async () => {
    const first = arrivalOf(newId());
    await store().noteArrival(first);
    const justInTime = first.checkAt + LOST_CHECK_AFTER_MS;
    expect(await store().noteArrival(arrivalOf(first.datasetId, justInTime))).toEqual({
      checkClaimed: false,
    });
    const late = justInTime + 1;
    const noted = await race(() => store().noteArrival(arrivalOf(first.datasetId, late)));
    expect(noted.filter(({ checkClaimed }) => checkClaimed)).toHaveLength(1);
    expect(await store().get(first.datasetId)).toMatchObject({
      scheduledId: first.scheduledId,
      firstArrivalAt: AT,
      checkAt: late + 2_000,
    });
  });
});

test('of fifty who postpone the same check one does', async () => {
  const arrival = arrivalOf(newId());
  await store().noteArrival(arrival);
  const seen = (await store().get(arrival.datasetId))!;
  const postponed = await race((racer) => store().postponeCheck(seen, seen.checkAt + 1 + racer));
  expect(postponed.filter(Boolean)).toHaveLength(1);
  expect((await store().get(arrival.datasetId))?.checkAt).toBe(seen.checkAt + 1 + postponed.indexOf(true));
});

describe('close', () => {
  const opened = async () => {
    const arrival = arrivalOf(newId());
    await store().noteArrival(arrival);
    return (await store().get(arrival.datasetId))!;
  };

  test('ends an intake that nothing was added to, however often it is said', async () => {
    const seen = await opened();
    const closed = await race(() => store().close(seen, { scheduledId: newId(), checkAt: AT + 9_000 }));
    expect(new Set(closed)).toEqual(new Set([true]));
    expect(await store().get(seen.datasetId)).toBeUndefined();
  });

  test.each([
    ['later', AT + 10],
    ['in the same millisecond', AT],
    ['by a clock that is behind', AT - 500],
  ])('goes on under the next id where an image has arrived %s', async (_, at) => {
    const seen = await opened();
    await store().noteArrival(arrivalOf(seen.datasetId, at));
    const last = (await store().get(seen.datasetId))!.lastArrivalAt;
    const next = { scheduledId: newId(), checkAt: AT + 9_000 };
    expect(await store().close(seen, next)).toBe(false);
    expect(await store().get(seen.datasetId)).toEqual({
      datasetId: seen.datasetId,
      ...next,
      firstArrivalAt: last,
      lastArrivalAt: last,
    });
  });

  test('leaves the next intake alone', async () => {
    const seen = await opened();
    await store().close(seen, { scheduledId: newId(), checkAt: AT + 9_000 });
    const next = arrivalOf(seen.datasetId, AT + 20_000);
    await store().noteArrival(next);
    expect(await store().close(seen, { scheduledId: newId(), checkAt: AT + 30_000 })).toBe(true);
    expect(await store().get(seen.datasetId)).toMatchObject({
      scheduledId: next.scheduledId,
      checkAt: next.checkAt,
    });
  });

  test('of fifty who find more images one carries the intake on', async () => {
    const seen = await opened();
    await store().noteArrival(arrivalOf(seen.datasetId, AT + 10));
    const closed = await race(() => store().close(seen, { scheduledId: newId(), checkAt: AT + 9_000 }));
    expect(closed.filter((ended) => !ended)).toHaveLength(1);
  });
});

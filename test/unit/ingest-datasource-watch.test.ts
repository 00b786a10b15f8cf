import { expect, test } from '@jest/globals';
import { datasourceWatch } from '../../functions/ingest/datasource-watch.ts';

const DATASET = '0'.repeat(24);

test('that events come is noted now and then, and at once of another place', async () => {
  const clock = { now: 0 };
  const noted: number[] = [];
  const nothing = async () => undefined;
  const states = {
    ...{ get: nothing, noteProblem: async () => true, noteHeld: nothing },
    noteEvent: async (_: string, at: number) => void noted.push(at),
  };
  const watch = datasourceWatch(states, () => clock.now);
  const place = { bucket: 'photos', prefix: '2026/' };
  await watch.noteEvent(DATASET, place);
  clock.now = 1_000;
  await watch.noteEvent(DATASET, place);
  expect(noted).toEqual([0]);
  await watch.noteEvent(DATASET, { bucket: 'photos', prefix: '2027/' });
  expect(noted).toEqual([0, 1_000]);
  clock.now = 300_000;
  await watch.noteEvent(DATASET, place);
  expect(noted).toEqual([0, 1_000, 300_000]);
});

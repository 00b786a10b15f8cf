import { modelNameOf } from '#contracts/embedding-models';
import type { RawSample } from '#contracts/items';
import type { EventOrder } from '#contracts/object-event';
import { isArchivedRejection, isSameObject } from '#platform/samples/raw-samples';
import { archivedState, restoredState } from './archive-states.ts';
import { type Arrival, type IngestResult, sequencerOf, unchanged } from './arrival.ts';
import type { IngestDeps } from './ingest-deps.ts';
import { noteAvailability } from './note-availability.ts';
import { registerObject } from './register-object.ts';
import { writeState } from './write-state.ts';

/** Brings the registry in line with an object that is an image of the dataset: it is read, unless that was done. */
export async function ingestCreated(arrival: Arrival, deps: IngestDeps): Promise<IngestResult> {
  const { stored, order, archive } = arrival;
  // A restoration asks to look again, and not to read again what was read.
  const isReadAgain = order.by === 'observation' && order.again === true && archive !== 'left';
  const makeState = stored && !isReadAgain ? await stateOfSameObject(arrival, stored, deps) : undefined;
  if (makeState) return writeSameObject(makeState, arrival, deps);
  const { state: registered, ...result } = await registerObject(arrival, deps);
  if (registered && stored) await noteAvailability(registered, deps);
  return result;
}

/** What a state comes to whose object is the same; undefined where the object is another one, or is to be read. */
async function stateOfSameObject(
  arrival: Arrival,
  stored: RawSample,
  deps: IngestDeps,
): Promise<((at: number) => RawSample) | undefined> {
  const { archive, dataset } = arrival;
  if (stored.state === 'deleted' || isArchivedRejection(stored)) return undefined;
  // The event of a restoration does not say of which bytes: what comes in their place has an event of its own.
  if (archive !== 'left' && !isSameObject(arrival, stored)) return undefined;
  // The same bytes under a newer event: only the place in the order moves forward.
  const kept = () => ({ ...stored, sequencer: sequencerOf(arrival) });
  if (stored.state === 'rejected') return kept;
  if (archive === 'entered') {
    return stored.state === 'archived' ? kept : (at) => archivedState(stored, arrival, at);
  }
  const found = stored.state === 'archived' ? await deps.images.head(dataset, stored) : undefined;
  if (found?.isArchived) return kept;
  if (stored.facts.embeddingModel !== modelNameOf(dataset.settings.ingest.embeddingModel)) return undefined;
  if (stored.state === 'registered') return kept;
  return found && ((at) => restoredState(stored, arrival, at));
}

async function writeSameObject(
  makeState: (at: number) => RawSample,
  arrival: Arrival,
  deps: IngestDeps,
): Promise<IngestResult> {
  const order = asSeen(arrival.order);
  const { written, state } = await writeState(makeState, order, deps);
  // Where what is kept was written it had been taken for deleted meanwhile.
  if (written === 'written' || (written === 'unchanged' && order.by === 'observation')) {
    await noteAvailability(state, deps);
  }
  const result = unchanged(arrival);
  if (written !== 'written' || state.state === arrival.stored?.state) return result;
  if (state.state === 'archived') return { outcome: 'ImagesArchived' };
  return { ...result, outcome: 'ImagesRegistered' };
}

/** What is only looked at is not written again where it tells the same. */
const asSeen = (order: EventOrder): EventOrder =>
  order.by === 'observation' ? { by: 'observation', seen: order.seen } : order;

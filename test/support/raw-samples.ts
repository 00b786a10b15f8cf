import type { RegisteredRawSample } from '#contracts/items';
import { factsOf } from './image-facts.ts';

/** A registered raw sample that awaits a run. */
export const registeredRawSample = (
  datasetId: string,
  fileName: string,
  registeredAt: number,
): RegisteredRawSample => ({
  ...{ datasetId, fileName, bucket: 'landing', key: `shoes/${fileName}`, eTag: 'e1', size: 1 },
  ...{ sequencer: '01', lastModified: registeredAt, registeredAt, pending: true },
  ...{ state: 'registered', facts: factsOf({ width: 2, height: 2 }), thumbName: 'thumb.webp' },
});

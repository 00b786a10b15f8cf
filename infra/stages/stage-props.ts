import type { Monitoring } from '../constructs/monitoring.ts';
import type { Storage } from '../constructs/storage.ts';

/** What every stage is made with. */
export interface StageProps {
  readonly storage: Storage;
  readonly monitoring: Monitoring;
}

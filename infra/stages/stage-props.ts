import type { Access } from '../constructs/access.ts';
import type { Monitoring } from '../constructs/monitoring.ts';
import type { Storage } from '../constructs/storage.ts';

/** What every stage is made with. */
export interface StageProps {
  readonly storage: Storage;
  readonly monitoring: Monitoring;
}

/** A stage that opens what users have configured as datasources. */
export interface DatasourceStageProps extends StageProps {
  readonly datasources: Access;
}

import type { Operations } from '../operation.ts';

type ServiceOperation =
  | 'get_latest_pip_version'
  | 'get_minimum_compatible_pip_version'
  | 'get_quota_maximum_dataset_size';

/**
 * What clients of the protocol compare their own version with. 1.5.26 is the last client that speaks the protocol:
 * nobody is told to upgrade to one that does not.
 */
const LATEST_CLIENT = '1.5.26';
/** The oldest client whose requests have the shapes that Winnow understands. Older ones warn their users. */
const MINIMUM_CLIENT = '1.5.0';

/** No plan limits a dataset: this is how many samples the keys of the table can count. */
const MOST_SAMPLES = '10000000000';

export function serviceOperations(): Operations<ServiceOperation> {
  return {
    get_latest_pip_version: async () => LATEST_CLIENT,
    get_minimum_compatible_pip_version: async () => MINIMUM_CLIENT,
    get_quota_maximum_dataset_size: async () => MOST_SAMPLES,
  };
}

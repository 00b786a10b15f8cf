import { afterAllWith, byUtf8Bytes } from '#platform/datasources/name-order';
import type { KnownObject, RawSampleStore } from '#platform/samples/raw-samples';
import { firstAfter, type GeneratedObjects } from '../test/support/listing-server.ts';

/**
 * A stand-in for the registry that knows every object of a generated listing as it is, from the moment on that it is told
 * so, and counts how often it is asked. A table with a million items takes longer to fill than everything that is
 * measured.
 */
export function registryInMemory(objects: GeneratedObjects, bucket: string) {
  const asked = { ranges: 0, items: 0 };
  let isFilled = false;
  const known = (index: number): KnownObject => {
    const { name, eTag } = objects.at(index);
    return {
      ...{ fileName: name, bucket, key: name, eTag, state: 'registered', sequencer: '01' },
      ...{ registeredAt: 1, isArchived: false },
    };
  };
  const listRange: RawSampleStore['listRange'] = async function* (_, { after = '', until }) {
    asked.ranges += 1;
    if (!isFilled) return;
    const end = until ?? afterAllWith('');
    for (let index = firstAfter(objects, after); index < objects.count; index++) {
      if (byUtf8Bytes(objects.at(index).name, end) > 0) return;
      asked.items += 1;
      yield known(index);
    }
  };
  return {
    asked,
    listRange,
    fill: () => {
      isFilled = true;
    },
  };
}

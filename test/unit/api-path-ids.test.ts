import { expect, test } from '@jest/globals';
import { PROTOCOL_OPERATIONS } from '#contracts/protocol/operations';
import { checkPathIds } from '../../functions/api/path-ids.ts';
import { newId } from '../support/documents.ts';

const names = new Set(
  Object.values(PROTOCOL_OPERATIONS).flatMap(({ pathSchema }) =>
    Object.keys(pathSchema.properties as object),
  ),
);
/** Parameters that may be any text. */
const NO_IDS = ['datasetName', 'taskName'];

test.each([...names].filter((name) => !NO_IDS.includes(name)))(
  'nothing is looked for where %s is no id',
  (name) => {
    expect(() => checkPathIds({ [name]: newId() })).not.toThrow();
    for (const value of ['no-id', '', newId().toUpperCase(), `${newId()}0`]) {
      expect(() => checkPathIds({ [name]: value })).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    }
  },
);

test.each(NO_IDS)('%s is a name, and may be any text', (name) => {
  expect(names).toContain(name);
  expect(() => checkPathIds({ [name]: 'no id / at all' })).not.toThrow();
});

test('what is refused is quoted in part only, however long it is', () => {
  const quoted = `There is no dataset '${'x'.repeat(100)}'.`;
  expect(() => checkPathIds({ datasetId: 'x'.repeat(5_000) })).toThrow(new Error(quoted));
});

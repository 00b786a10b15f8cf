import { expect, test } from '@jest/globals';
import { PROTOCOL_OPERATIONS } from '#contracts/protocol/operations';
import { LINKED_PATHS, type LinkedOperation, pathOf } from '#contracts/protocol/paths';
import { routerOf } from '../../functions/api/router.ts';

const ids = Object.keys(LINKED_PATHS) as LinkedOperation[];

test.each(ids)('the path of %s that URLs are made with is the contract’s, and one can follow it', (id) => {
  const { method, path } = PROTOCOL_OPERATIONS[id];
  expect({ method, path: LINKED_PATHS[id] }).toEqual({ method: 'GET', path });
});

test('what fills a path is found again by the router, whatever characters it has', () => {
  const find = routerOf(
    ids.map((id) => ({ method: 'GET' as const, path: PROTOCOL_OPERATIONS[id].path, handler: id })),
  );
  const parameters = { datasetId: 'a/b?c', sampleId: 'ü %d#' };
  const path = pathOf('get_sample_image_resource_redirect_by_id', parameters);
  expect(find('GET', path)).toEqual({ handler: 'get_sample_image_resource_redirect_by_id', parameters });
});

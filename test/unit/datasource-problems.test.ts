import { expect, test } from '@jest/globals';
import { keepsFromReading } from '#platform/datasources/datasource-states';

test.each([
  ['s3:GetObject', 'datasource', true],
  ['s3:GetObject', 'object', false],
  ['GET', 'datasource', true],
  // What is known by its name is read without a listing.
  ['s3:ListBucket', 'datasource', false],
  ['storage.objects.list', 'datasource', false],
  ['List Blobs', 'datasource', false],
] as const)('a problem with %s of a whole %s keeps images from being read: %p', (action, scope, keeps) => {
  expect(keepsFromReading({ action, scope })).toBe(keeps);
});

test('no problem keeps nothing from being read', () => {
  expect(keepsFromReading(undefined)).toBe(false);
});

import { describe, expect, test } from '@jest/globals';
import { parseWith } from '#contracts/schema';
import { DEFAULT_SETTINGS, datasetSettings, EXPORT_FORMATS } from '#contracts/settings';

const parse = (document: unknown) => parseWith(datasetSettings, document, 'Settings');

describe('settings of a dataset', () => {
  test('an empty document means the defaults', () => {
    expect(parse({})).toEqual(DEFAULT_SETTINGS);
    expect(DEFAULT_SETTINGS).toMatchObject({
      schedule: { minNewImages: 1, quietPeriodSeconds: 60, maxWaitSeconds: 900 },
      ingest: { maxBytes: 100_000_000, maxPixels: 100_000_000, thumbnailSize: 128, keepGps: false },
      run: { selection: { proportionSamples: 0.1 }, useDatapool: true, corruptionThreshold: 1 },
      exports: { formats: [...EXPORT_FORMATS], readUrls: 'redirect', readUrlExpirySeconds: 7_776_000 },
      archive: { enabled: true },
    });
  });

  test('what is given stays, what is left out of a section has its default', () => {
    const settings = parse({ schedule: { minNewImages: 50 } });
    expect(settings.schedule).toEqual({ ...DEFAULT_SETTINGS.schedule, minNewImages: 50 });
  });

  test.each([
    [{ schedule: { quietPeriodSecond: 1 } }, /schedule.*quietPeriodSecond/],
    [{ schedule: { quietPeriodSeconds: 901 } }, /schedule\.quietPeriodSeconds/],
    [{ schedule: { runsOn: ['x'.repeat(256)] } }, /schedule\.runsOn\.0/],
    [{ schedule: { runsOn: Array.from({ length: 101 }, String) } }, /schedule\.runsOn/],
    [{ exports: { formats: ['labelbox'] } }, /exports\.formats\.0/],
    [{ exports: { readUrlExpirySeconds: 315_360_001 } }, /exports\.readUrlExpirySeconds/],
    [{ exports: { readUrls: 'signed', readUrlExpirySeconds: 604_801 } }, /exports\.readUrlExpirySeconds/],
    [{ exports: { readUrls: 'forever' } }, /exports\.readUrls/],
    [{ run: { selection: { strategies: [] } } }, /run\.selection/],
  ])('%j is refused, naming the field', (document, message) => {
    expect(() => parse(document)).toThrow(message);
  });

  const strategies = [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }];
  test.each([
    { strategies },
    { strategies, nSamples: 5, proportionSamples: 0.5 },
    { strategies, nSamples: -1 },
  ])('a selection needs exactly one of nSamples and proportionSamples: %j', (selection) => {
    expect(() => parse({ run: { selection } })).toThrow(/exactly one of nSamples and proportionSamples/);
  });

  test('nSamples of -1 means not set', () => {
    expect(
      parse({ run: { selection: { strategies, nSamples: -1, proportionSamples: 0.5 } } }).run.selection,
    ).toEqual({ strategies, nSamples: -1, proportionSamples: 0.5 });
  });
});

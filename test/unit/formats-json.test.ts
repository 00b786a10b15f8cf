import { describe, expect, test } from '@jest/globals';
import type { ExportFormat } from '#contracts/settings';
import { toSampleData } from '#formats/formats';
import { HEADER, HOSTILE_NAMES, rowOf, sampleOf, written } from '../support/export-rows.ts';
import { factsOf } from '../support/image-facts.ts';
import { openApiSchema } from '../support/openapi-schema.ts';
import { describeWithData } from '../support/shared-data.ts';

const parsed = async (
  format: ExportFormat,
  ...args: Parameters<typeof written> extends [unknown, ...infer R] ? R : never
) => JSON.parse(await written(format, ...args));
const hostile = HOSTILE_NAMES.map((name, index) => sampleOf(name, index + 5));
const turned = sampleOf('turned.jpg', 3, {
  facts: factsOf({
    width: 640,
    height: 480,
    exif: { orientation: 6, captureTime: '2024-05-06T07:08:09+02:00', cameraModel: 'X100' },
  }),
});

describe('one row of each format', () => {
  const url = rowOf(turned).readUrl;
  const metaInfo = {
    id: '000000000000000000000003',
    type: 'IMAGE',
    datasetId: '65f0000000000000000000dd',
    fileName: 'turned.jpg',
    thumbName: '.lightly/thumbnails/3_thumb.webp',
    exif: { orientation: 6, captureTime: '2024-05-06T07:08:09+02:00', cameraModel: 'X100' },
    index: 3,
    createdAt: 1_772_600_000_000,
    lastModifiedAt: 1_772_600_000_500,
    metaData: {
      mean: [0.25, 0.5, 0.75],
      std: [0.125, 0.25, 0.0625],
      sumOfValues: [100, 200, 300],
      sumOfSquares: [50, 150, 250],
      snr: 2.5,
      sharpness: 21.75,
      sizeInBytes: 123_456,
      shape: [480, 640, 3],
      luminance: 61.5,
      uniformRowRatio: 0.03125,
    },
  };

  test.each<[ExportFormat, object]>([
    [
      'label-studio',
      { id: 3, data: { image: url, lightlyFileName: 'turned.jpg', lightlyMetaInfo: metaInfo } },
    ],
    ['labelbox-v3', { externalId: 'turned.jpg', imageUrl: url }],
    ['labelbox-v4', { row_data: url, global_key: 'street scenes/turned.jpg', media_type: 'IMAGE' }],
    ['filenames-and-read-urls', { fileName: 'turned.jpg', readUrl: url }],
  ])('%s', async (format, row) => {
    expect(await parsed(format, [turned])).toEqual([row]);
  });

  test('sama holds the same information as JSON in a string', async () => {
    const [task] = await parsed('sama', [turned]);
    expect({ ...task.data, lightlyMetaInfo: JSON.parse(task.data.lightlyMetaInfo) }).toEqual({
      id: 3,
      url,
      lightlyFileName: 'turned.jpg',
      lightlyMetaInfo: metaInfo,
    });
  });

  test('coco', async () => {
    expect(await parsed('coco', [turned, sampleOf('upright.jpg', 4)])).toEqual({
      info: {
        description: "Dataset 'street scenes', tag 'run-1', run 65f0000000000000000000aa",
        year: 2026,
        date_created: '2026-03-04T05:06:07.000Z',
      },
      images: [
        { id: 3, file_name: 'turned.jpg', width: 480, height: 640, date_captured: '2024-05-06 07:08:09' },
        { id: 4, file_name: 'upright.jpg', width: 640, height: 480 },
      ],
      annotations: [],
      categories: [],
    });
  });
});

describe.each<[ExportFormat, (row: never) => string]>([
  ['label-studio', (row: { data: { lightlyFileName: string } }) => row.data.lightlyFileName],
  ['labelbox-v3', (row: { externalId: string }) => row.externalId],
  ['sama', (row: { data: { lightlyMetaInfo: string } }) => JSON.parse(row.data.lightlyMetaInfo).fileName],
  ['filenames-and-read-urls', (row: { fileName: string }) => row.fileName],
  ['coco', (row: { file_name: string }) => row.file_name],
])('%s', (format, nameOf) => {
  const rowsOf = (document: { images: never[] } | never[]) =>
    Array.isArray(document) ? document : document.images;

  test('brings hostile names through', async () => {
    expect(rowsOf(await parsed(format, hostile)).map(nameOf)).toEqual(HOSTILE_NAMES);
  });

  test('is JSON without rows too', async () => {
    expect(rowsOf(await parsed(format, []))).toEqual([]);
  });

  test('has the same bytes each time, one row a line', async () => {
    const file = await written(format, hostile);
    expect(await written(format, hostile)).toBe(file);
    expect(file.endsWith('\n')).toBe(true);
    expect(
      file.split('\n').filter((line) => line.startsWith('{"') && !line.startsWith('{"info"')),
    ).toHaveLength(HOSTILE_NAMES.length);
  });
});

describe('labelbox global keys', () => {
  const keys = async (names: string[], dataset = HEADER.dataset): Promise<string[]> => {
    const rows: { global_key: string }[] = await parsed(
      'labelbox-v4',
      names.map((name, index) => sampleOf(name, index)),
      { ...HEADER, dataset },
    );
    return rows.map(({ global_key }) => global_key);
  };
  const acceptable = (key: string) => key.length <= 200 && key === key.trim() && !/\s\s|\p{Cc}/u.test(key);

  test('are accepted by Labelbox and differ, whatever the names', async () => {
    const names = [
      ...HOSTILE_NAMES,
      'a  b.jpg',
      'a b.jpg',
      'a   b.jpg',
      `${'y'.repeat(300)}1`,
      `${'y'.repeat(300)}2`,
    ];
    const all = await keys(names);
    expect(all.filter((key) => !acceptable(key))).toEqual([]);
    expect(new Set(all).size).toBe(names.length);
  });

  test('are the name itself up to 200 characters, and hashed above', async () => {
    const longest = 'z'.repeat(200 - 'street scenes/'.length);
    const [fits, exceeds] = await keys([longest, `${longest}z`]);
    expect(fits).toBe(`street scenes/${longest}`);
    expect(exceeds).toMatch(/^street scenes\/z{106}~[0-9a-f]{32}$/);
  });

  test('do not depend on the run, but on the dataset', async () => {
    const one = await parsed('labelbox-v4', [turned]);
    const other = await parsed('labelbox-v4', [turned], {
      ...HEADER,
      runId: 'f'.repeat(24),
      tagName: 'run-2',
    });
    expect(other).toEqual(one);
    expect(await keys(['a.jpg'], 'cats')).not.toEqual(await keys(['a.jpg'], 'dogs'));
    expect(await keys(['a.jpg'], 'cats  and dogs')).not.toEqual(await keys(['a.jpg'], 'cats and dogs'));
  });

  test('a name that looks hashed cannot take the key of one that is', async () => {
    const [hashed] = await keys(['a  b.jpg']);
    const [lookalike] = await keys([hashed!.slice('street scenes/'.length)]);
    expect(lookalike).not.toBe(hashed);
  });

  test('are never cut through a character', async () => {
    const [key] = await keys(['🦊'.repeat(200)], 'abc');
    expect(key!.isWellFormed()).toBe(true);
  });
});

describeWithData('rows keep to the protocol', 'facts/lightly-openapi.json', (path) => {
  test.each<[ExportFormat, string]>([
    ['label-studio', 'LabelStudioTask'],
    ['labelbox-v3', 'LabelBoxDataRow'],
    ['labelbox-v4', 'LabelBoxV4DataRow'],
    ['sama', 'SamaTask'],
    ['filenames-and-read-urls', 'FilenameAndReadUrl'],
  ])('%s is %s', async (format, name) => {
    const schema = openApiSchema(path, name);
    const rows: object[] = await parsed(format, [turned, ...hostile]);
    expect(rows.map((row) => schema.safeParse(row).error?.issues)).toEqual(rows.map(() => undefined));
    expect(schema.safeParse({ ...rows[0], unknownField: 1 }).success).toBe(false);
  });

  test('toSampleData is SampleData', () => {
    const schema = openApiSchema(path, 'SampleData');
    const data = toSampleData(turned);
    expect(schema.safeParse(data).error?.issues).toBeUndefined();
    expect(schema.safeParse({ ...data, metaData: { ...data.metaData, unknownField: 1 } }).success).toBe(
      false,
    );
    expect(schema.safeParse({ ...data, id: 'short' }).success).toBe(false);
  });
});

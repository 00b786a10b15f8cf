import { describe, expect, test } from '@jest/globals';
import { type Sample, sample } from '#contracts/samples';
import { toSampleData } from '#formats/formats';
import { sampleOf, written } from '../support/export-rows.ts';

const { facts: _, selection: __, runId: ___, eTag: ____, thumbName: _____, ...known } = sampleOf('a.jpg', 3);
const bare: Sample = sample.parse(known);
const described: Sample = sample.parse({
  ...known,
  metaData: { shape: [480, 640, 3], sizeInBytes: 99, mean: [0.1, 0.2, 0.3], custom: { scene: 'x' } },
  customMetaData: { weather: 'rain' },
  exif: { Make: 'Acme' },
});

async function cellsOf(exported: Sample): Promise<Record<string, string | undefined>> {
  const [names = '', row = ''] = (await written('csv', [exported])).split('\r\n');
  const cells = row.split(',');
  return Object.fromEntries(names.split(',').map((name, at) => [name, cells[at]]));
}

describe('a sample that only a client knows', () => {
  test('is SampleData of what is known', () => {
    expect(toSampleData(bare)).toEqual({
      id: bare.id,
      type: 'IMAGE',
      datasetId: bare.datasetId,
      fileName: 'a.jpg',
      index: 3,
      createdAt: bare.createdAt,
      lastModifiedAt: bare.lastModifiedAt,
    });
    expect(toSampleData(described)).toMatchObject({
      metaData: described.metaData,
      customMetaData: { weather: 'rain' },
      exif: { Make: 'Acme' },
    });
  });

  test('is a row of the table, with empty cells where nothing is known', async () => {
    expect(await cellsOf(bare)).toMatchObject({
      file_name: 'a.jpg',
      sample_index: '3',
      width: '',
      sha256: '',
    });
    expect(await cellsOf(described)).toMatchObject({
      size_in_bytes: '99',
      width: '640',
      height: '480',
      mean_blue: '0.3',
      luminance: '',
      selection_reason: '',
    });
  });

  test('is an image of the COCO file', async () => {
    const { images } = JSON.parse(await written('coco', [bare, described])) as { images: object[] };
    expect(images).toEqual([
      { id: 3, file_name: 'a.jpg' },
      { id: 3, file_name: 'a.jpg', width: 640, height: 480 },
    ]);
  });
});

test('what a client says of an analysed image stands above what was computed', () => {
  const analysed = sampleOf('b.jpg');
  const { metaData, exif } = toSampleData({ ...analysed, metaData: { luminance: 1 }, exif: { e: 1 } });
  expect(metaData).toEqual({ ...analysed.facts?.metadata, luminance: 1 });
  expect(exif).toEqual({ e: 1 });
});

import { describe, expect, test } from '@jest/globals';
import { HOSTILE_NAMES, sampleOf, written } from '../support/export-rows.ts';
import { factsOf } from '../support/image-facts.ts';

const samplesOf = (names: readonly string[]) => names.map((name, index) => sampleOf(name, index));

describe('filenames', () => {
  test('one name a line, with a newline after the last', async () => {
    expect(await written('filenames', samplesOf(['b/2.jpg', 'a 1.jpg', "it's, =1.jpg"]))).toBe(
      "b/2.jpg\na 1.jpg\nit's, =1.jpg\n",
    );
    expect(await written('filenames', [])).toBe('');
  });

  test('a name that would break the line, or looks quoted, is a JSON string', async () => {
    const names = ['two\nlines.jpg', '"first.jpg', 'next\u0085\u2028.jpg', 'in "side".jpg'];
    expect(await written('filenames', samplesOf(names))).toBe(
      '"two\\nlines.jpg"\n"\\"first.jpg"\n"next\\u0085\\u2028.jpg"\nin "side".jpg\n',
    );
  });

  test('every name comes back, with whatever a reader takes for the end of a line', async () => {
    const file = await written('filenames', samplesOf(HOSTILE_NAMES));
    const lines = file.split(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/).slice(0, -1);
    expect(lines.map((line) => (line.startsWith('"') ? JSON.parse(line) : line))).toEqual(HOSTILE_NAMES);
  });
});

const CSV_HEADER =
  'file_name,size_in_bytes,format,width,height,luminance,sharpness,snr,uniform_row_ratio,mean_red,mean_green,' +
  'mean_blue,std_red,std_green,std_blue,capture_time,camera_make,camera_model,sha256,perceptual_hash,sample_id,' +
  'sample_index,selection_step,cluster_distance,selection_reason,group,group_representative,split,object_tags,object_metadata\r\n';

describe('csv', () => {
  test('a whole file', async () => {
    const plain = sampleOf('a.jpg', 0, { selection: { step: 0, reason: 'Nearest, to the "mean".' } });
    const exif = {
      orientation: 8,
      captureTime: '2024-05-06T07:08:09',
      cameraMake: '=HYPERLINK("x")',
      cameraModel: 'X',
    };
    const turned = sampleOf('b/"q", 2.jpg', 1, {
      facts: factsOf({ width: 640, height: 480, format: 'png', exif }),
      objectMetadata: { tags: { rain: '3.5' }, metadata: { site: 'north' } },
    });
    expect(await written('csv', [plain, turned])).toBe(
      `${CSV_HEADER}a.jpg,123456,jpeg,640,480,61.5,21.75,2.5,0.03125,0.25,0.5,0.75,0.125,0.25,0.0625,,,,` +
        `${'ab'.repeat(32)},0123456789abcdef,000000000000000000000000,0,0,,"Nearest, to the ""mean"".",,,,,\r\n` +
        '"b/""q"", 2.jpg",123456,png,480,640,61.5,21.75,2.5,0.03125,0.25,0.5,0.75,0.125,0.25,0.0625,' +
        `2024-05-06T07:08:09,"'=HYPERLINK(""x"")",X,` +
        `${'ab'.repeat(32)},0123456789abcdef,000000000000000000000001,1,1,0.5,` +
        'Best by distance 0.5000 to the nearest sample chosen before.,,,,"{""rain"":""3.5""}","{""site"":""north""}"\r\n',
    );
  });

  test('without rows there is the header', async () => {
    expect(await written('csv', [])).toBe(CSV_HEADER);
  });

  test.each([
    ['=cmd|calc!A1.jpg', "'=cmd|calc!A1.jpg"],
    ['+1.jpg', "'+1.jpg"],
    ['-1.jpg', "'-1.jpg"],
    ['@sum.jpg', "'@sum.jpg"],
    ['＝wide.jpg', "'＝wide.jpg"],
    ["'quoted.jpg", "''quoted.jpg"],
    ['\t=1.jpg', `"'\t=1.jpg"`],
    ['a;=1.jpg', '"a;=1.jpg"'],
    ['=a,b.jpg', `"'=a,b.jpg"`],
    ['two\nlines.jpg', '"two\nlines.jpg"'],
    [' blank.jpg', '" blank.jpg"'],
    ['a=1.jpg', 'a=1.jpg'],
    ['日本語 🦊.jpg', '日本語 🦊.jpg'],
  ])('the cell of %j is %j', async (name, cell) => {
    const [, row] = (await written('csv', samplesOf([name]))).split(CSV_HEADER);
    expect(row!.slice(0, row!.indexOf(',123456,jpeg,'))).toBe(cell);
  });
});

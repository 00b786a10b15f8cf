import { describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { analysed, drawn, sharpOf, textured } from '../support/analysed-images.ts';

/** Upright, the corners are: red, green, blue, white (from the upper left, row by row). */
const CORNERS = { upperLeft: 'red', upperRight: 'green', lowerLeft: 'blue', lowerRight: 'white' };
const upright = drawn(60, 40, (x, y) =>
  y < 20 ? (x < 30 ? [230, 0, 0] : [0, 230, 0]) : x < 30 ? [0, 0, 230] : [230, 230, 230],
);

/** What a camera held in that way stores of the upright scene; turning and mirroring in two separate steps. */
async function storedAs(orientation: number): Promise<Buffer> {
  const degrees = [0, 0, 0, 180, 180, 90, 270, 270, 90][orientation]!;
  const turned = await sharpOf(upright).rotate(degrees).png().toBuffer();
  const isMirrored = [2, 4, 5, 7].includes(orientation);
  return sharp(turned).flop(isMirrored).png().toBuffer();
}

async function photoHeld(orientation: number): Promise<Buffer> {
  return sharp(await storedAs(orientation))
    .withMetadata({ orientation })
    .jpeg({ quality: 95 })
    .toBuffer();
}

const nameOf = ([red, green, blue]: number[]): string =>
  red! > 128 && green! > 128
    ? 'white'
    : red! > 128
      ? 'red'
      : green! > 128
        ? 'green'
        : blue! > 128
          ? 'blue'
          : '?';

async function cornersOf(bytes: Buffer): Promise<typeof CORNERS> {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => {
    const [column, row] = [Math.floor(x * info.width), Math.floor(y * info.height)];
    const start = (row * info.width + column) * 3;
    return nameOf([...data.subarray(start, start + 3)]);
  };
  return {
    upperLeft: at(0.2, 0.2),
    upperRight: at(0.8, 0.2),
    lowerLeft: at(0.2, 0.8),
    lowerRight: at(0.8, 0.8),
  };
}

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('orientation %i', (orientation) => {
  test('the thumbnail is upright; width, height and shape are as stored', async () => {
    const { facts, thumbnail } = await analysed(await photoHeld(orientation), { thumbnailSize: 30 });
    const [width, height] = orientation >= 5 ? [40, 60] : [60, 40];
    expect([facts.width, facts.height, ...facts.metadata.shape]).toEqual([width, height, height, width, 3]);
    expect(facts.exif.orientation).toBe(orientation);
    expect([thumbnail.width, thumbnail.height]).toEqual([30, 20]);
    expect(await cornersOf(thumbnail.bytes)).toEqual(CORNERS);
    expect(
      await cornersOf(
        await sharp(await photoHeld(orientation))
          .autoOrient()
          .png()
          .toBuffer(),
      ),
    ).toEqual(CORNERS);
  });

  test('the hash and the embedding are those of the upright photo', async () => {
    const [held, plain] = [await analysed(await photoHeld(orientation)), await analysed(await photoHeld(1))];
    const distance = Math.hypot(
      ...held.facts.embedding.map((value, index) => value - plain.facts.embedding[index]!),
    );
    expect(distance).toBeLessThan(0.2);
  });
});

describe('thumbnails', () => {
  test.each([
    [400, 100, 128, [128, 32]],
    [100, 400, 128, [32, 128]],
    [50, 40, 128, [50, 40]],
    [3000, 2, 128, [128, 1]],
    [1500, 1100, 64, [64, 47]],
    [1, 1, 128, [1, 1]],
  ])('%i × %i inside %i', async (width, height, thumbnailSize, expected) => {
    const { thumbnail } = await analysed(await sharpOf(textured(width, height)).png().toBuffer(), {
      thumbnailSize,
    });
    expect([thumbnail.width, thumbnail.height]).toEqual(expected);
    const { width: actualWidth, height: actualHeight } = await sharp(thumbnail.bytes).metadata();
    expect([actualWidth, actualHeight]).toEqual(expected);
  });

  test('a large photo looks like its thumbnail', async () => {
    const scene = sharpOf(upright).resize(2400, 1600, { fit: 'fill', kernel: 'nearest' });
    const { thumbnail } = await analysed(await scene.jpeg().toBuffer());
    expect(await cornersOf(thumbnail.bytes)).toEqual(CORNERS);
  });
});

describe('EXIF', () => {
  const scene = () => sharpOf(upright).jpeg();
  const camera = { Make: 'Acme', Model: 'Snap 3 ' };
  const position = {
    GPSLatitudeRef: 'S',
    GPSLatitude: '33/1 51/1 0/1',
    GPSLongitudeRef: 'E',
    GPSLongitude: '151/1 12/1 0/1',
  };
  const withExif = (time: Record<string, string>) =>
    scene().withExif({ IFD0: camera, IFD2: time, IFD3: position }).toBuffer();

  test('time, zone and camera', async () => {
    const bytes = await withExif({ DateTimeOriginal: '2024:05:17 10:20:30', OffsetTimeOriginal: '+02:00' });
    expect((await analysed(bytes)).facts.exif).toEqual({
      captureTime: '2024-05-17T10:20:30+02:00',
      cameraMake: 'Acme',
      cameraModel: 'Snap 3',
      orientation: 1,
    });
  });

  test('the position only where it is asked for', async () => {
    const bytes = await withExif({ DateTimeDigitized: '2024:05:17 10:20:30' });
    expect((await analysed(bytes)).facts.exif).not.toHaveProperty('gps');
    const { exif } = (await analysed(bytes, { keepGps: true })).facts;
    expect(exif.captureTime).toBe('2024-05-17T10:20:30');
    expect(exif.gps?.latitude).toBeCloseTo(-33.85, 6);
    expect(exif.gps?.longitude).toBeCloseTo(151.2, 6);
  });

  test('no more of a text than anybody needs', async () => {
    const hostile = { ...camera, Make: 'x'.repeat(30_000) };
    const bytes = await scene().withExif({ IFD0: hostile }).toBuffer();
    expect((await analysed(bytes)).facts.exif.cameraMake).toBe('x'.repeat(200));
  });

  test('inside WebP, PNG and AVIF too', async () => {
    const tagged = () => sharpOf(upright).withExif({ IFD0: camera });
    for (const bytes of [
      await tagged().webp().toBuffer(),
      await tagged().png().toBuffer(),
      await tagged().avif({ effort: 0 }).toBuffer(),
    ]) {
      expect((await analysed(bytes)).facts.exif).toMatchObject({ cameraMake: 'Acme', cameraModel: 'Snap 3' });
    }
  });

  test('among the tags of a TIFF', async () => {
    const { exif } = (await analysed(tiffOfOnePixel('Acme'))).facts;
    expect(exif).toEqual({ cameraMake: 'Acme', orientation: 6 });
  });

  test.each(['0000:00:00 00:00:00', '2024:02:31 10:00:00', 'yesterday'])(
    'a clock that says %p tells no time',
    async (clock) => {
      const { exif } = (await analysed(await withExif({ DateTimeOriginal: clock }))).facts;
      expect(exif).not.toHaveProperty('captureTime');
      expect(exif.cameraMake).toBe('Acme');
    },
  );

  test('a broken block never rejects the image', async () => {
    const bytes = await withExif({ DateTimeOriginal: '2024:05:17 10:20:30' });
    const start = bytes.indexOf('Exif\0\0') + 6;
    const length = bytes.readUInt16BE(start - 8) - 8;
    for (let round = 0; round < 40; round++) {
      const broken = Buffer.from(bytes);
      for (let nth = 0; nth < 8; nth++)
        broken[start + ((round * 131 + nth * 17) % length)] = (round * 37 + nth) % 256;
      const { facts } = await analysed(broken, { keepGps: true });
      expect(facts.width).toBe(60);
    }
  });
});

/** A grey TIFF with the tags that every TIFF has, a camera and an orientation. */
function tiffOfOnePixel(make: string): Buffer {
  const SHORT = 3;
  const ASCII = 2;
  const makeAt = 200;
  const pixelAt = 196;
  const tags = [
    [256, SHORT, 1, 1],
    [257, SHORT, 1, 1],
    [258, SHORT, 1, 8],
    [259, SHORT, 1, 1],
    [262, SHORT, 1, 1],
    [271, ASCII, make.length + 1, makeAt],
    [273, SHORT, 1, pixelAt],
    [274, SHORT, 1, 6],
    [277, SHORT, 1, 1],
    [278, SHORT, 1, 1],
    [279, SHORT, 1, 1],
  ] as const;
  const file = Buffer.alloc(makeAt + make.length + 1);
  file.write('II*\0');
  file.writeUInt32LE(8, 4);
  file.writeUInt16LE(tags.length, 8);
  for (const [index, [tag, type, count, value]] of tags.entries()) {
    file.writeUInt16LE(tag, 10 + index * 12);
    file.writeUInt16LE(type, 12 + index * 12);
    file.writeUInt32LE(count, 14 + index * 12);
    file.writeUInt32LE(value, 18 + index * 12);
  }
  file[pixelAt] = 100;
  file.write(make, makeAt);
  return file;
}

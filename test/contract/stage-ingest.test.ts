import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { InvalidInputError } from '#contracts/errors';
import type { RegisteredRawSample } from '#contracts/items';
import { deliverBody, type IngestStage, startIngestStage } from '../support/ingest-stage.ts';
import { FIRST_DELIVERY } from '../support/lambda-invocation.ts';
import { messageOf } from '../support/landing.ts';
import { photo } from '../support/photos.ts';

let stage: IngestStage;
let datasetsMade = 0;
/** A dataset of its own for each test. */
const newDataset = () => `shoes-${++datasetsMade}`;
const registered = async (dataset: string, fileName: string) => {
  const found = await stage.rawSample(dataset, fileName);
  expect(found?.state).toBe('registered');
  return found as RegisteredRawSample;
};
const thumbnailOf = async (dataset: string, { thumbName }: RegisteredRawSample) => {
  const { bucket, prefix } = (await stage.datasets.findByName(dataset))!.platformFolder;
  const object = await stage.objects.open({ bucket, key: prefix + thumbName });
  return sharp(Buffer.concat(await object!.body.toArray())).toBuffer({ resolveWithObject: true });
};

beforeAll(async () => {
  stage = await startIngestStage();
});
afterAll(() => stage.stop());

describe('an image that arrives', () => {
  test('makes its dataset, and is registered with facts, thumbnail and a schedule check', async () => {
    const dataset = newDataset();
    await stage.deliver(await stage.landing.put(`${dataset}/red/a.jpg`, await photo(1)));
    const image = await registered(dataset, 'red/a.jpg');
    expect(image).toMatchObject({
      pending: true,
      bucket: stage.buckets.landing,
      key: `${dataset}/red/a.jpg`,
    });
    expect(image.facts).toMatchObject({ width: 240, height: 160, format: 'jpeg' });
    expect(image.facts.embedding).toHaveLength(256);
    expect(image.thumbName).toBe('.lightly/thumbnails/red/a_thumb.webp');
    expect((await thumbnailOf(dataset, image)).info).toMatchObject({
      format: 'webp',
      width: 128,
      height: 85,
    });
    expect(await stage.deps.intake.noteArrival(arrivalNow(image.datasetId))).toEqual({ checkClaimed: false });
  });

  test('is one of several that one schedule check is sent for', async () => {
    const dataset = newDataset();
    await stage.configure(dataset, { schedule: { quietPeriodSeconds: 0 } });
    await stage.scheduleChecks();
    for (const scene of [1, 2, 3]) {
      await stage.deliver(await stage.landing.put(`${dataset}/${scene}.jpg`, await photo(scene)));
    }
    const { id } = (await stage.datasets.findByName(dataset))!;
    expect(await stage.scheduleChecks()).toEqual([{ datasetId: id }]);
  });

  test('is read within the limits and sizes of the settings of its dataset', async () => {
    const dataset = newDataset();
    await stage.configure(dataset, { ingest: { thumbnailSize: 32, maxPixels: 40_000 } });
    await stage.deliver(
      await stage.landing.put(`${dataset}/small.jpg`, await photo(1)),
      await stage.landing.put(`${dataset}/large.jpg`, await photo(2, 300, 200)),
    );
    const { info } = await thumbnailOf(dataset, await registered(dataset, 'small.jpg'));
    expect(info).toMatchObject({ width: 32, height: 21 });
    expect(await stage.rawSample(dataset, 'large.jpg')).toMatchObject({
      state: 'rejected',
      rejection: { code: 'TOO_MANY_PIXELS' },
    });
  });

  test('leaves the landing bucket as it is', async () => {
    const dataset = newDataset();
    const event = await stage.landing.put(`${dataset}/a.jpg`, await photo(1));
    const before = await stage.keysIn(stage.buckets.landing);
    await stage.deliver(event);
    expect(await stage.keysIn(stage.buckets.landing)).toEqual(before);
  });

  test.each([
    'a b+c%20d.jpg',
    'ünïcode/日本 語.jpg',
    `${'deep/'.repeat(200)}x.jpg`,
    '..dots..',
    'quo\'te"<&>.jpg',
  ])('keeps its name: %s', async (fileName) => {
    const dataset = newDataset();
    const event = await stage.landing.put(`${dataset}/${fileName}`, await photo(1));
    await stage.deliver(event);
    await thumbnailOf(dataset, await registered(dataset, fileName));
  });

  test('does not share its thumbnail with a file of the same name and another extension', async () => {
    const dataset = newDataset();
    const png = await sharp(await photo(2))
      .png()
      .toBuffer();
    await stage.deliver(
      await stage.landing.put(`${dataset}/a.jpg`, await photo(1)),
      await stage.landing.put(`${dataset}/a.png`, png),
      await stage.landing.put(`${dataset}/a.png.jpg`, await photo(3)),
    );
    const names = await Promise.all(['a.jpg', 'a.png', 'a.png.jpg'].map((name) => registered(dataset, name)));
    expect(new Set(names.map(({ thumbName }) => thumbName)).size).toBe(3);
  });
});

describe('what is refused', () => {
  test.each([
    ['corrupt', async () => (await photo(1)).subarray(0, 2_000), 'CORRUPT'],
    ['an SVG', async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'UNSUPPORTED_FORMAT'],
    ['text', async () => Buffer.from('not an image at all'), 'UNSUPPORTED_FORMAT'],
    ['empty', async () => Buffer.alloc(0), 'EMPTY'],
  ])('%s: is registered with code and reason, and awaits the report of a run', async (_what, bytes, code) => {
    const dataset = newDataset();
    await stage.deliver(await stage.landing.put(`${dataset}/x.jpg`, await bytes()));
    const refused = await stage.rawSample(dataset, 'x.jpg');
    expect(refused).toMatchObject({ state: 'rejected', pending: true, rejection: { code } });
    expect((refused as { rejection: { reason: string } }).rejection.reason).not.toBe('');
  });

  test('more bytes than the settings allow are not read', async () => {
    const dataset = newDataset();
    await stage.configure(dataset, { ingest: { maxBytes: 1_000 } });
    const event = await stage.landing.put(`${dataset}/big.jpg`, await photo(1));
    const analysed: number[] = [];
    const analyse: IngestStage['deps']['analyse'] = (bytes, limits) => {
      analysed.push(bytes.length);
      return stage.deps.analyse(bytes, limits);
    };
    await deliverBody(messageOf(event), { ...stage.deps, analyse }, FIRST_DELIVERY);
    expect(await stage.rawSample(dataset, 'big.jpg')).toMatchObject({
      rejection: { code: 'TOO_MANY_BYTES' },
    });
    expect(analysed).toEqual([]);
  });

  test.each(['no-dataset.jpg', '_hidden/a.jpg', 'ab/a.jpg', 'naïve/a.jpg', '/a.jpg'])(
    'an object outside any dataset is logged and counted: %s',
    async (key) => {
      const before = stage.telemetry.total('ObjectsOutsideDatasets') ?? 0;
      await stage.deliver(await stage.landing.put(key, await photo(1)));
      expect(stage.telemetry.total('ObjectsOutsideDatasets')).toBe(before + 1);
      expect(stage.telemetry.logged.at(-1)).toMatchObject({ level: 'warn', fields: { key } });
    },
  );

  test('folders, what lies in .lightly, and S3’s test event are not images', async () => {
    const dataset = newDataset();
    await stage.deliver(
      await stage.landing.put(`${dataset}/sub/`, Buffer.alloc(0)),
      await stage.landing.put(`${dataset}/.lightly/thumbnails/a_thumb.webp`, await photo(1)),
      await stage.landing.remove(`${dataset}/never-there.jpg`),
    );
    await deliverBody('{"Service":"Amazon S3","Event":"s3:TestEvent"}', stage.deps, FIRST_DELIVERY);
    expect(await stage.datasets.findByName(dataset)).toBeUndefined();
  });

  test('a message that is none of S3 or reconcile is poison', async () => {
    await expect(deliverBody('hello', stage.deps, FIRST_DELIVERY)).rejects.toThrow(InvalidInputError);
    await expect(deliverBody('{"Records":[{"eventName":1}]}', stage.deps, FIRST_DELIVERY)).rejects.toThrow(
      InvalidInputError,
    );
  });
});

const arrivalNow = (datasetId: string) => ({
  ...{ datasetId, scheduledId: stage.deps.newId() },
  ...{ at: stage.clock.now, checkAt: stage.clock.now },
});

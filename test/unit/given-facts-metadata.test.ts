import { describe, expect, test } from '@jest/globals';
import type { Sample } from '#contracts/samples';
import { givenMetadata } from '#platform/given-facts/custom-metadata';
import { newId, someSample } from '../support/documents.ts';
import { lightlyFolder } from '../support/lightly-folder.ts';

const field = (path: string, valueDataType: string, defaultValue: unknown = null) => ({
  name: path,
  path,
  valueDataType,
  defaultValue,
});
const SCHEMA = [field('weather.rain', 'NUMERIC_FLOAT', 0), field('place', 'CATEGORICAL_STRING', 'unknown')];

interface World {
  readonly schema?: unknown;
  readonly files?: Record<string, unknown>;
  readonly images: readonly string[];
  readonly samples?: readonly Sample[];
  readonly configured?: readonly ReturnType<typeof field>[];
}

async function read({ schema = SCHEMA, files = {}, images, samples = [], configured = [] }: World) {
  const documents = Object.entries(files).map(([name, file]) => [`metadata/${name}`, file]);
  const { objects } = lightlyFolder({
    ...(schema !== null && { 'metadata/schema.json': schema }),
    ...Object.fromEntries(documents),
  });
  const request = { fileNames: images, samples, configured: configured as never };
  const { metadata, warnings } = await givenMetadata(request, objects);
  return { metadata: Object.fromEntries(metadata), warnings };
}

describe('custom metadata', () => {
  test('is that of the files, with the defaults of the schema for what is missing', async () => {
    const { metadata, warnings } = await read({
      files: {
        'a.json': { type: 'image', metadata: { weather: { rain: 3.5, wind: 1 }, place: 'Bern', other: [1] } },
        'sub/b.json': { file_name: 'sub/b.png', metadata: { weather: { wind: 2 }, place: null } },
      },
      images: ['a.jpg', 'sub/b.png', 'c.jpg'],
    });
    expect(metadata).toEqual({
      'a.jpg': { weather: { rain: 3.5, wind: 1 }, place: 'Bern', other: [1] },
      'sub/b.png': { weather: { wind: 2, rain: 0 }, place: 'unknown' },
      'c.jpg': { weather: { rain: 0 }, place: 'unknown' },
    });
    expect(warnings).toEqual([]);
  });

  test('has a default below what is null, none below what is no object, and leaves what files say as it is', async () => {
    const schema = [field('a.b.c', 'NUMERIC_INT', 1), field('a.b.d', 'NUMERIC_INT', 2)];
    const { metadata } = await read({
      schema,
      files: { 'a.json': { metadata: { a: { b: null } } }, 'b.json': { metadata: { a: { b: [0] } } } },
      images: ['a.jpg', 'b.jpg', 'c.jpg'],
    });
    expect(metadata).toEqual({
      'a.jpg': { a: { b: { c: 1, d: 2 } } },
      'b.jpg': { a: { b: [0] } },
      'c.jpg': { a: { b: { c: 1, d: 2 } } },
    });
  });

  test('has paths of so many names as values have levels', async () => {
    const deep = read({ schema: [field('a.'.repeat(1_000_000), 'NUMERIC_INT', 1)], images: ['a.jpg'] });
    await expect(deep).rejects.toThrow(/^Metadata schema: path 'a\.a\..*…' has more than 20 names/);
  });

  test('without a schema is as it is in the files', async () => {
    const { metadata } = await read({
      schema: null,
      files: { 'a.json': { metadata: { x: 1 } } },
      images: ['a.jpg'],
    });
    expect(metadata).toEqual({ 'a.jpg': { x: 1 } });
  });

  test('that was said of a sample goes over that of its file; its configuration over the schema', async () => {
    const sample: Sample = {
      ...someSample(newId(), 0),
      fileName: 'a.jpg',
      metaData: { custom: { place: 'Basel', a: 1 } },
      customMetaData: { a: 2 },
    };
    const { metadata } = await read({
      files: { 'a.json': { metadata: { place: 'Bern', b: 3 } } },
      images: ['a.jpg', 'b.jpg'],
      samples: [sample],
      configured: [field('place', 'CATEGORICAL_STRING', 'nowhere')],
    });
    expect(metadata['a.jpg']).toEqual({ place: 'Basel', a: 2, b: 3, weather: { rain: 0 } });
    expect(metadata['b.jpg']).toMatchObject({ place: 'nowhere' });
  });

  test('of a video is that of its frames, where these say nothing else', async () => {
    const { metadata } = await read({
      schema: [],
      files: {
        'clips/c.json': { type: 'video', metadata: { place: 'Bern', light: 'day' } },
        'clips/c-002-mp4.json': { type: 'frame', metadata: { light: 'night' } },
        'clips/d.json': { type: 'image', metadata: { place: 'Basel' } },
      },
      images: ['clips/c-001-mp4.png', 'clips/c-002-mp4.png', 'clips/d-001-mp4.png', 'clips/d.jpg'],
    });
    expect(metadata).toEqual({
      'clips/c-001-mp4.png': { place: 'Bern', light: 'day' },
      'clips/c-002-mp4.png': { place: 'Bern', light: 'night' },
      'clips/d-001-mp4.png': {},
      'clips/d.jpg': { place: 'Basel' },
    });
  });

  test.each<[string, unknown, unknown]>([
    ['NUMERIC_INT', 3, 3.5],
    ['NUMERIC_INT', -1, '3'],
    ['NUMERIC_FLOAT', 3.5, 'warm'],
    ['CATEGORICAL_STRING', '', 3],
    ['CATEGORICAL_INT', 0, false],
    ['CATEGORICAL_BOOLEAN', false, 'false'],
    ['CATEGORICAL_DATETIME', '2026-01-02T03:04:05Z', 'yesterday'],
    ['CATEGORICAL_TIMESTAMP', 1_700_000_000_000, '2026-01-02'],
    ['OTHER_STRING', 'x', {}],
  ])('of type %s may be %j and not %j', async (type, right, wrong) => {
    const { metadata, warnings } = await read({
      schema: [field('x', type)],
      files: { 'a.json': { metadata: { x: right } }, 'b.json': { metadata: { x: wrong } } },
      images: ['a.jpg', 'b.jpg'],
    });
    expect(metadata).toEqual({ 'a.jpg': { x: right }, 'b.jpg': {} });
    expect(warnings).toEqual([
      `Skipped .lightly/metadata/b.json: metadata.x: expected a value of type ${type}.`,
    ]);
  });

  test.each<[string, unknown, RegExp]>([
    ['no JSON', 'place: Bern', /not JSON/],
    ['metadata that is a list', { metadata: [1] }, /metadata/],
    ['a number of another kind', { metadata: { weather: { rain: 'much' } } }, /metadata.weather.rain/],
    ['21 levels', { metadata: JSON.parse(`${'{"a":'.repeat(21)}1${'}'.repeat(21)}`) }, /levels/],
  ])('in a file with %s is skipped, and the log says so', async (_, file, reason) => {
    const files = { 'bad.json': file, 'good.json': { metadata: { place: 'Bern' } } };
    const { metadata, warnings } = await read({ files, images: ['bad.jpg', 'good.jpg'] });
    expect(metadata['bad.jpg']).toEqual({ weather: { rain: 0 }, place: 'unknown' });
    expect(warnings).toEqual([expect.stringMatching(reason)]);
    await expect(read({ files: { 'bad.json': file }, images: ['bad.jpg'] })).rejects.toThrow(
      /None of the 1 metadata files/,
    );
  });

  test.each<[string, unknown]>([
    ['type', [field('x', 'NUMBER')]],
    ['shape', { x: 'NUMERIC_INT' }],
  ])('with a schema of an unknown %s ends the run', async (_, schema) => {
    await expect(read({ schema, images: ['a.jpg'] })).rejects.toThrow(/\.lightly\/metadata\/schema\.json/);
  });

  test('can name nothing that objects have by themselves', async () => {
    const { metadata } = await read({
      schema: [
        field('__proto__.polluted', 'OTHER_STRING', 'x'),
        field('constructor.name', 'OTHER_STRING', 'y'),
      ],
      files: { 'a.json': '{"metadata":{"__proto__":{"inherited":1}}}' },
      images: ['a.jpg', 'b.jpg'],
    });
    expect({}).not.toHaveProperty('polluted');
    expect(Object.getPrototypeOf(metadata['a.jpg'])).toBe(Object.prototype);
    expect(Object.getPrototypeOf(metadata['b.jpg'])).toBe(Object.prototype);
    expect(metadata['b.jpg']).toHaveProperty(['constructor', 'name'], 'y');
  });
});

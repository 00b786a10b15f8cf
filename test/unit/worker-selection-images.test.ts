import { describe, expect, test } from '@jest/globals';
import type { PredictionSingleton, PredictionTaskSchema } from '#contracts/predictions';
import { type GivenFacts, NOTHING_GIVEN } from '#platform/given-facts/given-facts';
import { activeLearningScores, selectionImages } from '#worker/selection-images';
import { newId, someFacts, someRawSample } from '../support/documents.ts';

const CARS: PredictionTaskSchema = {
  name: 'cars',
  type: 'CLASSIFICATION',
  categories: [
    { id: 0, name: 'a' },
    { id: 1, name: 'b' },
  ],
};
const opinion = (score: number): PredictionSingleton[] => [
  { type: 'CLASSIFICATION', taskName: 'cars', categoryId: 0, score, probabilities: [score, 1 - score] },
];
const image = (fileName: string) => someRawSample({ datasetId: newId(), fileName });
const given = (facts: Partial<GivenFacts>): GivenFacts => ({ ...NOTHING_GIVEN, ...facts });
const predictions = new Map([
  [
    'cars',
    new Map([
      ['a.jpg', opinion(0.75)],
      ['b.jpg', opinion(1)],
    ]),
  ],
]);
const margin = { task: 'cars', score: 'uncertainty_margin' };
const plain = (scores: ReturnType<typeof activeLearningScores>, { task, score }: typeof margin) =>
  Object.fromEntries(scores.get(task)?.get(score) ?? []);

describe('scores that a selection looks at', () => {
  test('are computed of predictions, and those that were given go over them image by image', () => {
    const scores = new Map([['cars', new Map([['uncertainty_margin', new Map([['a.jpg', 7]])]])]]);
    expect(plain(activeLearningScores(given({ tasks: [CARS], predictions }), [margin]), margin)).toEqual({
      'a.jpg': 0.5,
      'b.jpg': 0,
    });
    expect(
      plain(activeLearningScores(given({ tasks: [CARS], predictions, scores }), [margin]), margin),
    ).toEqual({
      'a.jpg': 7,
      'b.jpg': 0,
    });
  });

  test('may be of a task of which nothing else is known', () => {
    const own = { task: 'own', score: 'novelty' };
    const scores = new Map([['own', new Map([['novelty', new Map([['a.jpg', 1]])]])]]);
    expect(plain(activeLearningScores(given({ scores }), [own]), own)).toEqual({ 'a.jpg': 1 });
  });

  test('are refused where a task has none of the name', () => {
    const other = { task: 'cars', score: 'doubt' };
    expect(() => activeLearningScores(given({ tasks: [CARS], predictions }), [margin, other])).toThrow(
      /input.score: task 'cars' has no score 'doubt'. It has: uncertainty_least_confidence, /,
    );
  });
});

describe('images as a selection takes them', () => {
  const facts = given({
    tasks: [CARS],
    predictions,
    metadata: new Map([['a.jpg', { place: 'Bern', lightly: { sharpness: 1e9 } }]]),
  });

  test('have what is computed of them and what was given', () => {
    const [found] = selectionImages([image('a.jpg')], facts, activeLearningScores(facts, [margin]));
    expect(found).toMatchObject({
      fileName: 'a.jpg',
      embedding: someFacts().embedding,
      predictions: { cars: [{ categoryId: 0, score: 0.75, probabilities: [0.75, 0.25] }] },
      scores: { cars: { uncertainty_margin: 0.5 } },
      metadata: { place: 'Bern' },
    });
  });

  test('keep the computed metadata, whatever was given below lightly', () => {
    const [found] = selectionImages([image('a.jpg')], facts, new Map());
    expect(found?.metadata.lightly).toMatchObject({ sharpness: someFacts().metadata.sharpness });
  });

  test('have what is written on their objects, numbers as numbers', () => {
    const objectMetadata = {
      metadata: { site: 'north' },
      tags: { rain: '3.5', code: '007', hex: '0x10', far: '-1e3', none: '', huge: '1e999', constructor: '1' },
    };
    const [found] = selectionImages([{ ...image('a.jpg'), objectMetadata }], facts, new Map());
    expect(found?.metadata).toMatchObject({
      place: 'Bern',
      object: {
        metadata: { site: 'north' },
        tags: { rain: 3.5, code: '007', hex: '0x10', far: -1000, none: '', huge: '1e999', constructor: 1 },
      },
    });
  });

  test('have nothing of what nothing is known of', () => {
    const [found] = selectionImages([image('c.jpg')], facts, activeLearningScores(facts, [margin]));
    expect(Object.keys(found ?? {}).sort()).toEqual(['embedding', 'fileName', 'metadata']);
  });

  test('have the vectors that were given, and are left out without one', () => {
    const vector = Float32Array.of(1, 0);
    const embeddings = new Map([['a.jpg', vector]]);
    const found = selectionImages([image('a.jpg'), image('b.jpg')], given({ embeddings }), new Map());
    expect(found.map(({ fileName, embedding }) => [fileName, embedding])).toEqual([['a.jpg', vector]]);
  });
});

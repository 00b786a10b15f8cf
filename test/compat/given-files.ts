/** Of the photos `photo-01.jpg` and so on: how many were taken by day, and show a car. The others: night, a bus. */
const BY_DAY = 7;
const WITH_CAR = 8;
/** Of these a model is unsure. */
const UNSURE = [3, 5];

/** What somebody knows of photos, as files below `.lightly/`: scenes, predicted vehicles, and a list of two photos. */
export function givenFiles(photos: number): Record<string, string> {
  const numbers = Array.from({ length: photos }, (_, at) => at + 1);
  const perPhoto = numbers.flatMap((number) => [
    [`metadata/${stem(number)}.json`, metadataOf(number)],
    [`predictions/vehicles/${stem(number)}.json`, predictionsOf(number)],
  ]);
  const documents = Object.fromEntries([
    ...perPhoto,
    [
      'metadata/schema.json',
      [{ name: 'Scene', path: 'scene', defaultValue: '', valueDataType: 'CATEGORICAL_STRING' }],
    ],
    ['predictions/tasks.json', ['vehicles']],
    ['predictions/vehicles/schema.json', { task_type: 'object-detection', categories: CATEGORIES }],
  ]);
  const files = Object.entries(documents).map(([name, content]) => [name, JSON.stringify(content)]);
  return { ...Object.fromEntries(files), 'relevant.txt': `${stem(2)}.jpg\n${stem(9)}.jpg\n` };
}

const CATEGORIES = [
  { id: 0, name: 'car' },
  { id: 1, name: 'bus' },
];

const stem = (number: number): string => `photo-${String(number).padStart(2, '0')}`;

const metadataOf = (number: number) => ({
  file_name: `${stem(number)}.jpg`,
  type: 'image',
  metadata: { scene: number <= BY_DAY ? 'day' : 'night' },
});

function predictionsOf(number: number) {
  const category = number <= WITH_CAR ? 0 : 1;
  const share = UNSURE.includes(number) ? 0.5 : 0.9;
  const probabilities = category === 0 ? [share, 1 - share] : [1 - share, share];
  const object = { category_id: category, bbox: [40, 30, 100, 80], score: share, probabilities };
  return { file_name: `${stem(number)}.jpg`, predictions: [object] };
}

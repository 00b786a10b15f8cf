import { ownEntry } from '#contracts/own-entries';
import type { PredictionSingleton, PredictionTaskSchema } from '#contracts/predictions';
import type { PredictionTaskInformation } from '#contracts/report-v2';
import type { AnalysedImage, Project } from './analysed-image.ts';
import { boxExamples } from './box-examples.ts';
import { categoricalPerSet, countEach } from './categorical-distribution.ts';
import { analyseEmbeddings } from './embedding-analysis.ts';
import { type ImageSets, perSet, spread } from './image-sets.ts';
import { distributionPerSet } from './numeric-distribution.ts';

/** Each category of a task has a histogram of its own; so many of the most frequent ones are drawn. */
const MOST_COUNTED_CATEGORIES = 50;
/** Of larger sets, so many images spread over the whole are counted one by one. */
const MOST_COUNTED_IMAGES = 10_000;

/** What each prediction task finds in the images of each set. Categories are named by their ids. */
export const analysePredictions = (
  sets: ImageSets,
  tasks: readonly PredictionTaskSchema[],
  project: Project,
): Record<string, PredictionTaskInformation> =>
  Object.fromEntries(tasks.map((task) => [task.name, analyseTask(sets, task, project)]));

function analyseTask(
  sets: ImageSets,
  { name, type, categories }: PredictionTaskSchema,
  project: Project,
): PredictionTaskInformation {
  const found = ({ predictions }: AnalysedImage): readonly PredictionSingleton[] =>
    ownEntry(predictions, name) ?? [];
  const all = (images: readonly AnalysedImage[]) => images.flatMap(found);
  const perImage = (images: readonly AnalysedImage[]) =>
    images.flatMap((image) => [...new Set(found(image).map(categoryOf))]);
  return {
    taskType: type,
    categoryIdToName: Object.fromEntries(categories.map((category) => [category.id, category.name])),
    activeLearningScoreDistributions: scoreDistributions(sets, name),
    categoryDistribution: categoricalPerSet(perSet(sets, (images) => countEach(all(images).map(categoryOf)))),
    categoryToCountsPerSample: countsPerSample(sets, found),
    predictionScoreDistribution: distributionPerSet(
      perSet(sets, (images) => all(images).map(({ score }) => score)),
    ),
    ...(TYPES_OF_OBJECTS.includes(type) && {
      detectionTaskInformation: {
        bboxExamples: boxExamples(sets.selected, found),
        ...cropEmbeddings(sets, name, project),
      },
    }),
    categoryToImageWithCategoryCount: categoricalPerSet(
      perSet(sets, (images) => countEach(perImage(images))),
    ),
  };
}

const categoryOf = ({ categoryId }: PredictionSingleton): string => String(categoryId);

const TYPES_OF_OBJECTS: readonly PredictionTaskSchema['type'][] = [
  'OBJECT_DETECTION',
  'INSTANCE_SEGMENTATION',
  'KEYPOINT_DETECTION',
];

function scoreDistributions(sets: ImageSets, task: string) {
  const names = new Set(sets.input.flatMap(({ scores }) => Object.keys(ownEntry(scores, task) ?? {})));
  return Object.fromEntries(
    [...names]
      .sort()
      .map((name) => [
        name,
        distributionPerSet(
          perSet(sets, (images) =>
            images.flatMap(({ scores }) => ownEntry(ownEntry(scores, task), name) ?? []),
          ),
        ),
      ]),
  );
}

/** How many objects of a category an image has. */
function countsPerSample(
  sets: ImageSets,
  found: (image: AnalysedImage) => readonly PredictionSingleton[],
): PredictionTaskInformation['categoryToCountsPerSample'] {
  const frequency = countEach(sets.input.flatMap(found).map(categoryOf));
  const mostFrequent = [...frequency]
    .sort(([a, ofA], [b, ofB]) => ofB - ofA || Number(a) - Number(b))
    .slice(0, MOST_COUNTED_CATEGORIES)
    .map(([category]) => category);
  const counted = perSet(sets, (images) =>
    spread(images, MOST_COUNTED_IMAGES).map((image) => countEach(found(image).map(categoryOf))),
  );
  const ofCategory = (category: string) => {
    const { selected, ...others } = counted;
    const numbers = (counts: readonly Map<string, number>[]) =>
      counts.map((count) => count.get(category) ?? 0);
    const rest = Object.entries(others).map(([set, counts]) => [set, numbers(counts)]);
    return distributionPerSet({ selected: numbers(selected), ...Object.fromEntries(rest) });
  };
  return Object.fromEntries(mostFrequent.map((category) => [category, ofCategory(category)]));
}

/** Crops as if each were an image, named after the one that it was cut out of. */
function cropEmbeddings(sets: ImageSets, task: string, project: Project) {
  const cropsOf = new Map(
    [...new Set([...sets.input, ...sets.datapool])].map((image) => [image, cropsAsImages(image, task)]),
  );
  const of = (images: readonly AnalysedImage[]) => images.flatMap((image) => cropsOf.get(image) ?? []);
  const input = of(sets.input);
  if (input.length === 0) return {};
  const crops = { input, selected: of(sets.selected), random: of(sets.random), datapool: of(sets.datapool) };
  return { cropEmbeddingInformation: analyseEmbeddings(crops, project) };
}

const cropsAsImages = ({ fileName, crops }: AnalysedImage, task: string): AnalysedImage[] =>
  (ownEntry(crops, task) ?? []).map((embedding) => ({ fileName, embedding, numbers: {} }));

import type { PredictionTaskInformation } from '#contracts/report-v2';
import { categoryBars } from '../drawing/category-bars.ts';
import type { Drawing } from '../drawing/drawing.ts';
import { inputAndSelected } from './metadata-section.ts';
import { distanceCharts } from './quality-section.ts';
import type { Block, Section } from './report-document.ts';

/** Of more scores, the first ones by name; `report_v2.json` has the others. */
const MOST_SCORES = 8;

/** What each prediction task finds in input and selection. */
export const predictionSections = (tasks: Readonly<Record<string, PredictionTaskInformation>>): Section[] =>
  Object.entries(tasks).map(([name, task]) => ({
    title: `Predictions: ${name}`,
    blocks: [
      { kind: 'text', text: `${taskText(task.taskType)}; what the model predicts, not what is true.` },
      { kind: 'drawings', drawings: charts(task) },
      ...cropBlocks(task),
    ],
  }));

/** `OBJECT_DETECTION` as people say it. */
const taskText = (type: string): string => capitalised(type.toLowerCase().replaceAll('_', ' '));

const capitalised = (words: string): string => words.slice(0, 1).toUpperCase() + words.slice(1);

function charts(task: PredictionTaskInformation): Drawing[] {
  const nameOf = (category: string): string => task.categoryIdToName[category] ?? category;
  const perImage = task.categoryToImageWithCategoryCount;
  const scores = Object.entries(task.activeLearningScoreDistributions).slice(0, MOST_SCORES);
  return [
    categoryBars('Predicted categories', task.categoryDistribution, nameOf),
    ...(perImage && task.detectionTaskInformation
      ? [categoryBars('Images that have the category', perImage, nameOf)]
      : []),
    ...(task.predictionScoreDistribution
      ? [inputAndSelected('Confidence of predictions', 'score, 0 to 1', task.predictionScoreDistribution)]
      : []),
    ...scores.map(([name, distributions]) =>
      inputAndSelected(capitalised(name.replaceAll('_', ' ')), 'active-learning score', distributions),
    ),
  ];
}

function cropBlocks({ detectionTaskInformation }: PredictionTaskInformation): Block[] {
  const crops = detectionTaskInformation?.cropEmbeddingInformation;
  if (!crops) return [];
  return [
    { kind: 'heading', text: 'Objects cut out of the images' },
    { kind: 'drawings', drawings: distanceCharts(crops) },
  ];
}

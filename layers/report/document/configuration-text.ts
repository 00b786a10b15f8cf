import type { SelectionConfig, SelectionEntry, SelectionStrategy } from '#contracts/selection-config';
import type { DockerConfig, RunConfig } from '#contracts/worker-config';
import { countText, percentText, roundText } from '../drawing/number-text.ts';

/** What a run was asked for, one sentence each; what is as always is left out. */
export function configurationText({ docker, selection, ignored }: RunConfig): string[] {
  return [
    amountText(selection),
    ...selection.strategies.map(entryText),
    ...(selection.lightlyPathRegex !== undefined
      ? [`Metadata from file names: ${selection.lightlyPathRegex}`]
      : []),
    ...dockerTexts(docker),
    ...(ignored.length > 0 ? [`Asked for, but not known to this worker: ${ignored.join(', ')}.`] : []),
  ];
}

function amountText({ nSamples, proportionSamples }: SelectionConfig): string {
  if (proportionSamples !== undefined) return `Select ${percentText(proportionSamples)} of the images.`;
  return `Select ${countText(nSamples ?? 0)} images.`;
}

function entryText({ input, strategy }: SelectionEntry): string {
  const { type, task, score, key, name, categories, tagName, randomSeed } = input;
  const of = [
    ...(key !== undefined ? [`of ${key}`] : []),
    ...(score !== undefined ? [score] : []),
    ...(name !== undefined ? [name] : []),
    ...(task !== undefined ? [`of the task ${task}`] : []),
    ...(categories !== undefined ? [`(${categories.join(', ')})`] : []),
    ...(tagName !== undefined ? [`beside the tag ${tagName}`] : []),
    ...(randomSeed !== undefined ? [`with seed ${randomSeed}`] : []),
  ];
  const strength = strategy.strength ?? 1;
  const weight = strength === 1 ? '' : `, with strength ${roundText(strength)}`;
  return `${strategy.type} by ${[type, ...of].join(' ')}${strategyText(strategy)}${weight}.`;
}

const OPERATIONS = {
  SMALLER: 'below',
  SMALLER_EQUAL: 'of at most',
  BIGGER: 'above',
  BIGGER_EQUAL: 'of at least',
} as const satisfies Record<NonNullable<SelectionStrategy['operation']>, string>;

function strategyText(strategy: SelectionStrategy): string {
  const { threshold, operation, target, distribution, numNearestNeighbors } = strategy;
  const distance = strategy.stopping_condition_minimum_distance;
  const typicality = strategy.stoppingConditionMinimumTypicality;
  const { stoppingConditionMaxSum: most, targetRange: range } = strategy;
  const parts = [
    ...(operation !== undefined && threshold !== undefined
      ? [`values ${OPERATIONS[operation]} ${roundText(threshold)}`]
      : []),
    ...(distribution !== undefined ? [`to the distribution ${distribution}`] : []),
    ...(target !== undefined ? [`towards ${JSON.stringify(target)}`] : []),
    ...(distance !== undefined ? [`at least ${roundText(distance)} apart`] : []),
    ...(numNearestNeighbors !== undefined ? [`over ${numNearestNeighbors} neighbours`] : []),
    ...(typicality !== undefined ? [`no less typical than ${roundText(typicality)}`] : []),
    ...(most !== undefined ? [`until the sum is ${roundText(most)}`] : []),
    ...(range !== undefined ? [`a sum of ${roundText(range.minSum)} to ${roundText(range.maxSum)}`] : []),
  ];
  return parts.length > 0 ? `: ${parts.join(', ')}` : '';
}

function dockerTexts(docker: DockerConfig): string[] {
  const { datasource, embeddings, relevantFilenamesFile, selectedSequenceLength, checkpointRunId } = docker;
  const { corruptionThreshold } = docker.corruptnessCheck;
  return [
    docker.useDatapool
      ? 'Earlier samples count as chosen, and what is chosen is added to them.'
      : 'The dataset starts empty.',
    ...(datasource.processAll ? ['All images are read again, not only new ones.'] : []),
    ...(datasource.enableDatapoolUpdate ? [] : ['What is chosen is not added to the dataset.']),
    ...(embeddings !== undefined ? [`Embeddings are those of ${embeddings}.`] : []),
    ...(docker.normalizeEmbeddings ? [] : ['Embeddings are compared as they are, not normalised.']),
    ...(relevantFilenamesFile !== undefined ? [`Only files that ${relevantFilenamesFile} names.`] : []),
    ...(selectedSequenceLength > 1 ? [`In sequences of ${selectedSequenceLength} images.`] : []),
    ...(docker.enableTraining ? ['A projection of the embeddings is fitted to the images first.'] : []),
    ...(checkpointRunId !== undefined ? [`With the projection of run ${checkpointRunId}.`] : []),
    corruptionThreshold < 1
      ? `The run fails where more than ${percentText(corruptionThreshold)} of the images are corrupt.`
      : 'Corrupt images are left out, however many.',
  ];
}

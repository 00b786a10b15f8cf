import { InvalidInputError } from '#contracts/errors';
import type { RunConfig } from '#contracts/worker-config';
import type { GivenFacts } from '#platform/given-facts/given-facts';
import { automaticRegions, type CropRegion, predictedRegions, type UprightSize } from './regions.ts';

/** A task whose regions of each image a run looks at. */
export interface CropTask {
  readonly name: string;
  /** Those of highest score where there are more than {@link MOST_REGIONS}; in order of their index. */
  regionsOf(fileName: string, size: UprightSize): readonly CropRegion[];
}

/** Of an image and task. More would be a table of noise, and a run would not come to its end. */
export const MOST_REGIONS = 1_000;

/**
 * @param names of prediction tasks, or of automatic ones
 * @throws InvalidInputError where a name is neither, or names a task that finds no places in images
 */
export const cropTasks = (names: readonly string[], config: RunConfig, given: GivenFacts): CropTask[] =>
  names.map((name) => cropTask(name, config, given));

function cropTask(name: string, { selection, docker }: RunConfig, given: GivenFacts): CropTask {
  const automatic = selection.autoTasks?.find((task) => task.name === name);
  if (automatic) return { name, regionsOf: (_, size) => mostCertain(automaticRegions(automatic, size)) };
  const schema = given.tasks.find((task) => task.name === name);
  if (!schema) {
    throw new InvalidInputError(
      `Task '${name}' is named for object crops, and is neither a prediction task of the dataset nor one of ` +
        'selection.autoTasks. Add its schema.json and predictions, or correct the name.',
    );
  }
  if (schema.type === 'CLASSIFICATION' || schema.type === 'SEMANTIC_SEGMENTATION') {
    throw new InvalidInputError(
      `Task '${name}' is named for object crops, and its type ${schema.type} tells no boxes. Use a task of type ` +
        'OBJECT_DETECTION, INSTANCE_SEGMENTATION or KEYPOINT_DETECTION.',
    );
  }
  const predictions = given.predictions.get(name);
  const padding = docker.objectLevel?.taskName === name ? docker.objectLevel.padding : 0;
  return {
    name,
    regionsOf: (fileName) => mostCertain(predictedRegions(predictions?.get(fileName) ?? [], padding)),
  };
}

function mostCertain(regions: readonly CropRegion[]): readonly CropRegion[] {
  if (regions.length <= MOST_REGIONS) return regions;
  return regions
    .toSorted((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, MOST_REGIONS)
    .sort((a, b) => a.index - b.index);
}

import type { SelectionImage } from '../candidate.ts';
import { requestedCount } from '../sample-count.ts';
import { type SelectionRequest, type SelectionResult, select } from '../select.ts';
import { checkSequences } from './check-sequences.ts';
import { sequenceWindows } from './sequence-windows.ts';

/**
 * Chooses windows of consecutive images instead of single ones. A window is compared by the mean of its images'
 * embeddings, and its images are chosen one after the other. Samples of the datapool count as the windows that they form,
 * and each for itself where they form none.
 *
 * @param length - images of a window, at least 2
 * @throws InvalidInputError naming the JSON path of whatever can't be carried out with sequences
 */
export async function selectSequences(request: SelectionRequest, length: number): Promise<SelectionResult> {
  const { config, candidates, preselected } = request;
  checkSequences(config, length);
  const windows = sequenceWindows(namesOf(candidates), length);
  const chosen = windowsOf(namesOf(preselected), length);
  const { proportionSamples: _, ...rest } = config;
  const { chosen: chosenWindows, ...result } = await select({
    ...request,
    config: { ...rest, nSamples: windowsAskedFor(request, windows.length, length) },
    candidates: windows.map((window) => meanOfImages(window, candidates)),
    preselected: chosen.map((window) => meanOfImages(window, preselected)),
  });
  const inWindow = new Set(windows.flat());
  return {
    ...result,
    chosen: chosenWindows.flatMap(({ index, step, reason, ...trace }) =>
      (windows[index] as number[]).map((image, at) => ({
        ...trace,
        index: image,
        step: step * length + at,
        reason: `Image ${at + 1} of the ${length} of sequence ${step + 1}. ${reason}`,
      })),
    ),
    filteredOut: candidates.flatMap((__, index) =>
      inWindow.has(index) ? [] : [{ index, reason: `In no sequence of ${length} consecutive images.` }],
    ),
  };
}

/** Whole windows only; of a proportion, one at least where there is one. */
function windowsAskedFor({ config, candidates }: SelectionRequest, windows: number, length: number): number {
  const count = Math.floor(requestedCount(config, candidates.length) / length);
  return config.proportionSamples === undefined ? count : Math.min(windows, Math.max(1, count));
}

function windowsOf(fileNames: readonly string[], length: number): number[][] {
  const windows = sequenceWindows(fileNames, length);
  const inWindow = new Set(windows.flat());
  return [...windows, ...fileNames.flatMap((_, image) => (inWindow.has(image) ? [] : [[image]]))];
}

const namesOf = (images: readonly SelectionImage[]): string[] => images.map(({ fileName }) => fileName);

/** The mean is not scaled to length 1: windows whose images differ are nearer to the middle. */
function meanOfImages(window: readonly number[], images: readonly SelectionImage[]): SelectionImage {
  const members = window.map((position) => images[position] as SelectionImage);
  const [first] = members as [SelectionImage];
  const mean = Float64Array.from(first.embedding, () => 0);
  for (const { embedding } of members) {
    for (let axis = 0; axis < mean.length; axis++) {
      mean[axis] = (mean[axis] as number) + (embedding[axis] as number) / members.length;
    }
  }
  return { fileName: first.fileName, embedding: Float32Array.from(mean), metadata: {} };
}

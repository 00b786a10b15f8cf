import type { RunDecision, RunPlanHeader } from '#contracts/run-plan';
import { configurationText } from '#report/document/configuration-text';
import { shownFileNames } from '#report/document/shown-decisions';
import { withPathMetadata } from '#selection/inputs/path-metadata';
import { analyseChoice, type Choice } from './analyse-choice.ts';
import type { RunInput } from './run-input.ts';

/** What the reports of a plan need beside its decisions: a run that is restarted reads no input again. */
export async function reportFacts(
  { run, config, given, candidates, samples }: RunInput,
  choice: Choice,
  decisions: readonly RunDecision[],
): Promise<Pick<RunPlanHeader, 'analysis' | 'uploadReport' | 'configuration' | 'thumbnails'>> {
  const { uploadReport } = config.docker;
  const { lightlyPathRegex } = config.selection;
  const seen = {
    ...choice,
    images: await withPathMetadata(choice.images, lightlyPathRegex),
    preselected: await withPathMetadata(choice.preselected, lightlyPathRegex),
  };
  const analysis = analyseChoice(seen, given, run.id);
  const shown = new Set(uploadReport ? shownFileNames(analysis, decisions) : []);
  const named = new Map<string, RunPlanHeader['thumbnails'][number]>();
  // A candidate is newer than a sample of the same name.
  for (const image of [...samples, ...candidates]) {
    if (!('thumbName' in image) || image.thumbName === undefined || !shown.has(image.fileName)) continue;
    const { fileName, thumbName, thumbIn } = image;
    named.set(fileName, { fileName, thumbName, ...(thumbIn && { thumbIn }) });
  }
  const thumbnails = [...named.values()];
  return { analysis, uploadReport, configuration: configurationText(config), thumbnails };
}

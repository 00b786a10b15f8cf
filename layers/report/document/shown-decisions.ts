import type { RunAnalysis } from '#contracts/report-v2';
import type { RunDecision } from '#contracts/run-plan';
import { inOrderOfChoice } from '../selection-files.ts';

const MOST_SELECTED = 24;
const MOST_DUPLICATES = 12;
const MOST_GROUPS = 8;
const MOST_OF_GROUP = 3;

/** Images of a group that are nearly the same, as far as they are shown. */
export interface ShownGroup {
  readonly representative: string;
  readonly others: readonly string[];
  /** Images of this run that are in the group, shown or not. */
  readonly size: number;
}

/** The decisions that a report shows pictures of, and how many there are. */
export interface ShownDecisions {
  readonly selected: readonly RunDecision[];
  readonly duplicates: readonly { readonly copy: string; readonly keptAs: string }[];
  readonly groups: readonly ShownGroup[];
  readonly groupCount: number;
}

export function shownDecisions(decisions: readonly RunDecision[]): ShownDecisions {
  const copies = decisions.flatMap(({ outcome, fileName, keptAs }) =>
    outcome === 'duplicate' && keptAs !== undefined ? [{ copy: fileName, keptAs }] : [],
  );
  const groups = groupsOf(decisions);
  return {
    selected: inOrderOfChoice(decisions).slice(0, MOST_SELECTED),
    duplicates: copies.slice(0, MOST_DUPLICATES),
    groups: groups.slice(0, MOST_GROUPS),
    groupCount: groups.length,
  };
}

/** The largest first. */
function groupsOf(decisions: readonly RunDecision[]): ShownGroup[] {
  const members = new Map<string, { representative: string; fileNames: string[] }>();
  for (const { fileName, group } of decisions) {
    if (!group) continue;
    const known = members.get(group.id);
    if (known) known.fileNames.push(fileName);
    else members.set(group.id, { representative: group.representative, fileNames: [fileName] });
  }
  return [...members.values()]
    .map(({ representative, fileNames }) => ({
      representative,
      others: fileNames.filter((name) => name !== representative).slice(0, MOST_OF_GROUP - 1),
      size: fileNames.length,
    }))
    .filter(({ others }) => others.length > 0)
    .sort((a, b) => b.size - a.size || (a.representative < b.representative ? -1 : 1));
}

/** File names of all images that the report of a plan shows, each once. */
export function shownFileNames(analysis: RunAnalysis, decisions: readonly RunDecision[]): string[] {
  const { selected, duplicates, groups } = shownDecisions(decisions);
  const { pcaEmbeddingData, umapEmbeddingData } =
    analysis.datasetAnalysis.embeddingInformation.scatterPlotData;
  return [
    ...new Set([
      ...selected.map(({ fileName }) => fileName),
      ...duplicates.flatMap(({ copy, keptAs }) => [keptAs, copy]),
      ...groups.flatMap(({ representative, others }) => [representative, ...others]),
      ...analysis.selectedAndRemovedImageExamples.flatMap(({ selectedImage, removedImage }) => [
        selectedImage,
        removedImage,
      ]),
      ...[pcaEmbeddingData, umapEmbeddingData].flatMap(({ exampleImages }) =>
        exampleImages.map(({ filename }) => filename),
      ),
    ]),
  ];
}

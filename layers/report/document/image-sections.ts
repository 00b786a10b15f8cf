import type { RunAnalysis } from '#contracts/report-v2';
import type { RunDecision } from '#contracts/run-plan';
import { countText, measureText } from '../drawing/number-text.ts';
import type { Section } from './report-document.ts';
import type { ShownDecisions } from './shown-decisions.ts';

const MOST_REFUSED = 40;

/** The images that were chosen first. */
export function selectedSection(selected: readonly RunDecision[], count: number): Section | undefined {
  if (selected.length === 0) return undefined;
  return {
    title: 'The images that were chosen first',
    blocks: [
      {
        kind: 'figures',
        figures: selected.map(({ fileName, step = 0 }) => ({
          images: [{ fileName, label: `${step + 1}` }],
        })),
        ...more(count - selected.length),
      },
    ],
  };
}

const more = (count: number): { more?: string } =>
  count > 0 ? { more: `and ${countText(count)} more: see selection.csv` } : {};

export function pairSection(pairs: RunAnalysis['selectedAndRemovedImageExamples']): Section | undefined {
  if (pairs.length === 0) return undefined;
  return {
    title: 'Left out beside a selected image',
    blocks: [
      {
        kind: 'text',
        text: 'Images that were not selected and the selected one that stands for each of them, the nearest pairs first.',
      },
      {
        kind: 'figures',
        figures: pairs.map(({ selectedImage, removedImage, distance }) => ({
          images: [
            { fileName: selectedImage, label: 'selected', isChosen: true },
            { fileName: removedImage, label: 'left out' },
          ],
          caption: `distance ${measureText(distance)}`,
        })),
      },
    ],
  };
}

/** Groups of near-duplicates, the largest first. */
export function groupSection({ groups, groupCount }: ShownDecisions): Section | undefined {
  if (groups.length === 0) return undefined;
  const figures = groups.map(({ representative, others, size }) => ({
    images: [
      { fileName: representative, label: 'stands for the group', isChosen: true },
      ...others.map((fileName) => ({ fileName })),
    ],
    caption: `${countText(size)} images of this run`,
  }));
  return {
    title: 'Groups of near-duplicates',
    blocks: [{ kind: 'figures', figures, ...more(groupCount - groups.length) }],
  };
}

/** @param count - of all exact duplicates, shown or not */
export function duplicateSection({ duplicates }: ShownDecisions, count: number): Section | undefined {
  if (duplicates.length === 0) return undefined;
  const figures = duplicates.map(({ keptAs, copy }) => ({
    images: [
      { fileName: keptAs, label: 'kept', isChosen: true },
      { fileName: copy, label: 'the same bytes' },
    ],
  }));
  return {
    title: 'Exact duplicates',
    blocks: [{ kind: 'figures', figures, ...more(count - duplicates.length) }],
  };
}

/** Files that are broken or no images, and why. */
export function refusedSection(decisions: readonly RunDecision[]): Section | undefined {
  const refused = decisions.filter(({ outcome }) => outcome === 'corrupt' || outcome === 'unsupported');
  if (refused.length === 0) return undefined;
  return {
    title: 'Files that were refused',
    blocks: [
      {
        kind: 'table',
        columns: ['file', 'why'],
        rows: refused.slice(0, MOST_REFUSED).map(({ fileName, reason }) => [fileName, reason]),
        ...more(refused.length - MOST_REFUSED),
      },
    ],
  };
}

import type { EmbeddingInformation, NumericDistributionPerSet } from '#contracts/report-v2';
import type { Drawing } from '../drawing/drawing.ts';
import { type HistogramSeries, histogram } from '../drawing/histogram.ts';
import { measureText } from '../drawing/number-text.ts';
import type { Section } from './report-document.ts';

const DISTANCE = 'Euclidean distance of embeddings';

/** How different the selected images are and how well they stand for the rest, beside as many drawn at random. */
export function qualitySection(information: EmbeddingInformation): Section | undefined {
  const { distanceToNearestNeighborInSet: apart, distanceToCoverInput: cover } = information;
  if (isEmpty(cover)) return undefined;
  return {
    title: 'How well the selection stands for its input',
    blocks: [
      { kind: 'text', text: [apartText(apart), coverText(cover)].join(' ') },
      { kind: 'drawings', drawings: distanceCharts(information) },
      { kind: 'text', text: readingText(apart, cover) },
    ],
  };
}

/** The two charts of distances: also of object crops. */
export function distanceCharts({
  distanceToNearestNeighborInSet: apart,
  distanceToCoverInput: cover,
}: EmbeddingInformation): Drawing[] {
  return [
    histogram('To the nearest other image of the set', DISTANCE, apart, seriesOf(apart)),
    histogram('From an input image to the nearest selected one', DISTANCE, cover, seriesOf(cover)),
  ];
}

const isEmpty = ({ selected }: NumericDistributionPerSet): boolean =>
  !selected.counts.some((count) => count > 0);

function seriesOf({ input, random, selected }: NumericDistributionPerSet): HistogramSeries[] {
  return [
    ...(input ? [{ label: 'input', distribution: input, role: 'input' as const }] : []),
    { label: 'selected', distribution: selected, role: 'selected' },
    ...(random ? [{ label: 'random', distribution: random, role: 'baseline' as const }] : []),
  ];
}

function apartText(apart: NumericDistributionPerSet): string {
  const { selected, random } = apart;
  if (isEmpty(apart) || !random) return '';
  const [is, would] = [selected.metrics.median, random.metrics.median];
  return (
    `A selected image is ${measureText(is)} from the nearest other one (median); ` +
    `among as many images drawn at random it would be ${measureText(would)}${timesText(is, would)}.`
  );
}

function coverText({ selected, random }: NumericDistributionPerSet): string {
  const found = `No image of the input is farther than ${measureText(selected.metrics.max)} from a selected one`;
  return random ? `${found}; with the random ones, ${measureText(random.metrics.max)}.` : `${found}.`;
}

const timesText = (is: number, would: number): string =>
  would > 0 ? `, so the selection is ${measureText(is / would)} times as spread out` : '';

function readingText(apart: NumericDistributionPerSet, cover: NumericDistributionPerSet): string {
  const asked = cover.selected.counts.reduce((sum, count) => sum + count, 0);
  const within = apart.selected.counts.reduce((sum, count) => sum + count, 0);
  return (
    'Left: farther right is less repetition. Right: farther left is a better cover. ' +
    `Dashed, and in parentheses: medians. Measured on ${asked} images of the input and ${within} of the selection.`
  );
}

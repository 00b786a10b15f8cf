import type { MetadataInformation, NumericDistributionPerSet } from '#contracts/report-v2';
import { categoryBars } from '../drawing/category-bars.ts';
import type { Drawing } from '../drawing/drawing.ts';
import { histogram } from '../drawing/histogram.ts';
import type { Block, Section } from './report-document.ts';

/** Of more custom keys, the first ones by name; `report_v2.json` has the others. */
const MOST_CUSTOM = 12;

/** What the computed facts are called, and their units. */
const COMPUTED: Readonly<Record<string, readonly [title: string, quantity: string]>> = {
  sharpness: ['Sharpness', 'standard deviation of the edge response'],
  snr: ['Signal to noise', 'mean over standard deviation of all values'],
  sizeInBytes: ['Size of the file', 'bytes'],
  width: ['Width', 'pixels'],
  height: ['Height', 'pixels'],
  meanRed: ['Red', 'mean, 0 to 1'],
  meanGreen: ['Green', 'mean, 0 to 1'],
  meanBlue: ['Blue', 'mean, 0 to 1'],
  contrast: ['Contrast', 'standard deviation of pixel/255'],
  luminance: ['Luminance', 'mean CIE L*, 0 to 100'],
  uniformRowRatio: ['Uniform rows', 'share of rows without structure'],
};

/** What the selected images are like beside the input. */
export function metadataSection(information: MetadataInformation): Section | undefined {
  const { lightlyNumeric, customNumeric, customCategorical } = information;
  const computed = Object.entries(lightlyNumeric).map(([name, distributions]) => {
    const [title, quantity] = COMPUTED[name] ?? [name, 'value'];
    return inputAndSelected(title, quantity, distributions);
  });
  const custom = [
    ...Object.entries(customNumeric).map(([key, distributions]) =>
      inputAndSelected(key, 'value', distributions),
    ),
    ...Object.entries(customCategorical).map(([key, distributions]) =>
      categoryBars(key, distributions, (category) => category),
    ),
  ];
  const blocks: Block[] = [
    { kind: 'text', text: 'As shares of each set. Dashed, and in parentheses: medians.' },
  ];
  if (computed.length > 0) blocks.push({ kind: 'drawings', drawings: computed });
  if (custom.length > 0) {
    blocks.push({ kind: 'heading', text: 'Custom metadata' });
    blocks.push({ kind: 'drawings', drawings: custom.slice(0, MOST_CUSTOM) });
    if (custom.length > MOST_CUSTOM)
      blocks.push({ kind: 'text', text: `${custom.length - MOST_CUSTOM} more keys are in report_v2.json.` });
  }
  return blocks.length > 1 ? { title: 'Metadata of input and selection', blocks } : undefined;
}

/** Both sets of a quantity laid over each other. */
export const inputAndSelected = (
  title: string,
  quantity: string,
  distributions: NumericDistributionPerSet,
): Drawing =>
  histogram(title, quantity, distributions, [
    ...(distributions.input
      ? [{ label: 'input', distribution: distributions.input, role: 'input' as const }]
      : []),
    { label: 'selected', distribution: distributions.selected, role: 'selected' },
  ]);

import { type DatasetSettings, type ExportFormat, SPLIT_FORMATS } from '#contracts/settings';

/** The formats that a run is exported to: names of each side of the split come with `filenames`. */
export function exportedFormats({
  formats,
  split,
}: Pick<DatasetSettings['exports'], 'formats' | 'split'>): ExportFormat[] {
  const ofSides = split && formats.includes('filenames') ? SPLIT_FORMATS : [];
  return [...new Set<ExportFormat>([...formats, ...ofSides])];
}

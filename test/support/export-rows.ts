import { text } from 'node:stream/consumers';
import { type Sample, sample } from '#contracts/samples';
import type { ExportFormat } from '#contracts/settings';
import { EXPORT_WRITERS, type ExportHeader, type ExportRow } from '#formats/formats';
import { factsOf } from './image-facts.ts';

export const HEADER: ExportHeader = {
  dataset: 'street scenes',
  runId: '65f0000000000000000000aa',
  tagName: 'run-1',
  createdAt: Date.UTC(2026, 2, 4, 5, 6, 7),
};

/** A valid sample of the given name; `index` also makes its id. */
export function sampleOf(fileName: string, index = 0, rest: Partial<Sample> = {}): Sample {
  return sample.parse({
    id: index.toString(16).padStart(24, '0'),
    datasetId: '65f0000000000000000000dd',
    index,
    type: 'IMAGE',
    fileName,
    thumbName: `.lightly/thumbnails/${index}_thumb.webp`,
    bucket: 'landing',
    key: `street scenes/${fileName}`,
    eTag: '"abc"',
    createdAt: 1_772_600_000_000,
    lastModifiedAt: 1_772_600_000_500,
    runId: HEADER.runId,
    selection: {
      step: index,
      distance: 0.5,
      reason: 'Best by distance 0.5000 to the nearest sample chosen before.',
    },
    facts: factsOf({ width: 640, height: 480 }),
    ...rest,
  });
}

export const rowOf = (exported: Sample): ExportRow => ({
  sample: exported,
  readUrl: `https://landing.s3.amazonaws.com/${encodeURIComponent(exported.key)}?X-Amz-Expires=604800`,
});

async function* streamOf(samples: readonly Sample[]): AsyncGenerator<ExportRow> {
  for (const exported of samples) yield rowOf(exported);
}

/** The whole file, as text. */
export async function written(
  format: ExportFormat,
  samples: readonly Sample[],
  header = HEADER,
): Promise<string> {
  return await text(EXPORT_WRITERS[format].write(streamOf(samples), header));
}

/** Names that S3 takes and that files, tables and pages trip over. */
export const HOSTILE_NAMES = [
  'a "quoted", name.jpg',
  'two\nlines\r\nand more.jpg',
  '=cmd|calc!A1.jpg',
  '+1.jpg',
  '-1.jpg',
  '@sum.jpg',
  "'quoted.jpg",
  '"first.jpg',
  '</script><script>alert(1)</script>.jpg',
  'ünï/日本語/🦊 fox.jpg',
  ' blank first and last ',
  'back\\slash\t tab.jpg',
  '\u2028separators\u2029\u0085.jpg',
  'x'.repeat(1000),
];

/** Operations of the API that tell of each sample of a tag in a row. */
export const ROW_EXPORTS = [
  'export_tag_to_label_studio_tasks',
  'export_tag_to_label_box_data_rows',
  'export_tag_to_label_box_v4_data_rows',
  'export_tag_to_sama_tasks',
  'export_tag_to_basic_filenames_and_read_urls',
] as const;

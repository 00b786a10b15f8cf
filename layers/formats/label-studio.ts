import type { LabelStudioTask } from '#contracts/protocol/types.gen';
import type { Divided, ExportRow } from './export-writer.ts';
import { jsonArrayWriter } from './json-array.ts';
import { toSampleData } from './sample-data.ts';

/** The id is the same in every export, so that a task that is there already is recognised. */
export const labelStudioTask = ({
  sample,
  readUrl,
  fileName,
  hasMetaData = true,
  split,
}: ExportRow): LabelStudioTask & { data: Divided } => ({
  id: sample.index,
  data: {
    image: readUrl,
    lightlyFileName: fileName ?? sample.fileName,
    ...(hasMetaData && { lightlyMetaInfo: toSampleData(sample) }),
    ...(split && { split }),
  },
});

/** The protocol's `LabelStudioTask`: what Label Studio imports as tasks. */
export const labelStudio = jsonArrayWriter(labelStudioTask);

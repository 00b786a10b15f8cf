import type { SamaTask } from '#contracts/protocol/types.gen';
import type { Divided, ExportRow } from './export-writer.ts';
import { jsonArrayWriter } from './json-array.ts';
import { toSampleData } from './sample-data.ts';

export const samaTask = ({
  sample,
  readUrl,
  fileName,
  hasMetaData = true,
  split,
}: ExportRow): SamaTask & { data: Divided } => ({
  data: {
    id: sample.index,
    url: readUrl,
    lightlyFileName: fileName ?? sample.fileName,
    ...(hasMetaData && { lightlyMetaInfo: JSON.stringify(toSampleData(sample)) }),
    ...(split && { split }),
  },
});

/** The protocol's `SamaTask`. Sama's inputs are flat, so the sample's data is JSON inside a string. */
export const sama = jsonArrayWriter(samaTask);

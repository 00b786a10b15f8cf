import type { ExportHeader, ExportRow, ExportWriter } from './export-writer.ts';
import { jsonArray } from './json-array.ts';
import { shownSizeOf } from './shown-size.ts';

/** COCO's object detection file, with images and nothing labelled yet. */
export const coco: ExportWriter = {
  contentType: 'application/json',
  hasReadUrls: false,
  async *write(rows, header) {
    yield `{"info":${JSON.stringify(infoOf(header))},\n"images":`;
    yield* jsonArray(rows, imageOf);
    yield ',\n"annotations":[],\n"categories":[]}\n';
  },
};

function infoOf({ dataset, tagName, runId, createdAt }: ExportHeader) {
  const created = new Date(createdAt);
  return {
    description: `Dataset '${dataset}', tag '${tagName}', run ${runId}`,
    year: created.getUTCFullYear(),
    date_created: created.toISOString(),
  };
}

function imageOf({ sample, split }: ExportRow) {
  const { index, fileName, facts, group } = sample;
  const captureTime = facts?.exif.captureTime;
  return {
    id: index,
    file_name: fileName,
    ...shownSizeOf(sample),
    ...(captureTime === undefined ? {} : { date_captured: cocoTime(captureTime) }),
    ...(group && { group: group.id, group_representative: group.representative }),
    ...(split && { split }),
  };
}

/** COCO writes `2013-11-14 17:02:52`: the camera's clock without a zone. */
const cocoTime = (isoTime: string): string =>
  isoTime.slice(0, 'YYYY-MM-DDTHH:MM:SS'.length).replace('T', ' ');

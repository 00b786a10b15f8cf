import { BitMask, type TagData } from '../../client/index.ts';
import { detailsOf, minuteOf } from '../table-output.ts';

/** How many samples a tag has; `totSize` is that of the dataset. */
export const samplesOf = ({ bitMaskData }: TagData): number => BitMask.fromHex(bitMaskData).count;

export const describeTag = (tag: TagData): string =>
  detailsOf({
    id: tag.id,
    name: tag.name,
    samples: samplesOf(tag),
    parent: tag.prevTagId ?? undefined,
    run: tag.runId,
    created: minuteOf(tag.createdAt),
  });

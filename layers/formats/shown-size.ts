import { uprightSizeOf } from '#contracts/image-facts';
import type { Sample } from '#contracts/samples';

/** Width and height as a viewer shows them. Of an image that only a client knows: the shape that it has given, if any. */
export function shownSizeOf({ facts, metaData }: Sample): ReturnType<typeof uprightSizeOf> | undefined {
  if (facts) return uprightSizeOf(facts);
  const [height, width] = metaData?.shape ?? [];
  return height !== undefined && width !== undefined ? { width, height } : undefined;
}

import type { ImageFacts } from '#contracts/image-facts';
import type { Sample } from '#contracts/samples';

/** The first EXIF orientation that turns the picture by a quarter; all above it do as well. */
const FIRST_QUARTER_TURN = 5;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Width and height as a viewer shows them: labelling tools apply the EXIF orientation, and so do their boxes. */
function uprightSize({ width, height, exif }: ImageFacts): Size {
  return (exif.orientation ?? 1) < FIRST_QUARTER_TURN ? { width, height } : { width: height, height: width };
}

/** Of an image that only a client knows: the shape that it has given, if any. */
export function uprightSizeOf({ facts, metaData }: Sample): Size | undefined {
  if (facts) return uprightSize(facts);
  const [height, width] = metaData?.shape ?? [];
  return height !== undefined && width !== undefined ? { width, height } : undefined;
}

import type { ImageFacts } from '#contracts/image-facts';

/** The first EXIF orientation that turns the picture by a quarter; all above it do as well. */
const FIRST_QUARTER_TURN = 5;

/** Width and height as a viewer shows them: labelling tools apply the EXIF orientation, and so do their boxes. */
export function uprightSize({ width, height, exif }: ImageFacts): { width: number; height: number } {
  return (exif.orientation ?? 1) < FIRST_QUARTER_TURN ? { width, height } : { width: height, height: width };
}

/** 8-bit sRGB pixels, three bytes each (red, green, blue), row by row without padding. */
export interface RgbPixels {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The EXIF orientation tag: 1 is upright, 5 to 8 swap width and height. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** An image after its one decode. Pixels are as stored: {@link orientation} is not applied to them. */
export interface DecodedImage extends RgbPixels {
  readonly orientation: Orientation;
  /**
   * The same image upright and, where it is large, averaged down to a few hundred pixels a side: enough for
   * everything that looks at the whole picture and not at its pixels.
   */
  readonly preview: RgbPixels;
}

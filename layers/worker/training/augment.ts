import { areaAverage } from '#imaging/area-average';
import { cropPixels, type ImageRegion, regionInside } from '#imaging/image-region';
import type { RgbPixels } from '#imaging/rgb-pixels';
import { type ColourJitter, jitterColours, removeColour } from './colour-jitter.ts';
import { blur } from './gaussian-blur.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What becomes of an image by chance; probabilities are 0 to 1. */
export interface Augmentation {
  /** Pixels a side of what comes out. */
  readonly side: number;
  /** Smallest share of the image's area that is kept. */
  readonly minScale: number;
  readonly flipAcross: number;
  readonly flipDown: number;
  readonly jitter: ColourJitter & { readonly probability: number };
  readonly grey: number;
  readonly blur: { readonly probability: number; readonly sigmas: readonly [number, number] };
}

/** Of the part that is cut out: 3:4 to 4:3, as SimCLR has it. */
const LOG_ASPECT = Math.log(4 / 3);

/**
 * A view of the image as SimCLR makes them: a part of it, scaled to a square, perhaps flipped, recoloured, without
 * colour, blurred. Source: Chen, Kornblith, Norouzi and Hinton, A Simple Framework for Contrastive Learning of Visual
 * Representations, 2020. Computed here rather than by a library, so that every machine gets the same pixels.
 */
export function augment(image: RgbPixels, augmentation: Augmentation, random: SeededRandom): RgbPixels {
  const { side, jitter } = augmentation;
  const part = cropPixels(image, randomPart(image, augmentation.minScale, random));
  const pixels = areaAverage(part, side, side);
  if (random.next() < augmentation.flipAcross) flip(pixels, side, { across: true });
  if (random.next() < augmentation.flipDown) flip(pixels, side, { across: false });
  if (random.next() < jitter.probability) jitterColours(pixels, jitter, random);
  if (random.next() < augmentation.grey) removeColour(pixels);
  if (random.next() < augmentation.blur.probability) {
    blur(pixels, side, random.between(...augmentation.blur.sigmas));
  }
  return { pixels: Uint8Array.from(pixels, Math.round), width: side, height: side };
}

/** The aspect is relative to the image's own: a view is scaled to a square, as the whole image is. */
function randomPart({ width, height }: RgbPixels, minScale: number, random: SeededRandom): ImageRegion {
  const scale = Math.sqrt(random.between(minScale, 1));
  const aspect = Math.exp(random.between(-LOG_ASPECT, LOG_ASPECT) / 2);
  const size = { width: Math.min(1, scale * aspect) * width, height: Math.min(1, scale / aspect) * height };
  const x = random.between(0, width - size.width);
  const y = random.between(0, height - size.height);
  return regionInside({ x, y, ...size }, { width, height }) ?? { x: 0, y: 0, width, height };
}

function flip(pixels: Float32Array, side: number, { across }: { readonly across: boolean }): void {
  const flipped = new Float32Array(pixels.length);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const from = across ? y * side + (side - 1 - x) : (side - 1 - y) * side + x;
      flipped.set(pixels.subarray(from * 3, from * 3 + 3), (y * side + x) * 3);
    }
  }
  pixels.set(flipped);
}

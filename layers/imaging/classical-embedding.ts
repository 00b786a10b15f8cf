import { areaAverage } from './area-average.ts';
import { colourHistogram, colourLayout } from './colour-descriptors.ts';
import type { EmbeddingModel } from './embedding-model.ts';
import { labFromRgb } from './lab-colour.ts';
import type { DecodedImage } from './rgb-pixels.ts';
import { orientedEdges, textureContrast } from './structure-descriptors.ts';

/** The preview is looked at as this many points a side. */
const SIDE = 64;

/**
 * How much each part counts. Edges tell what is in the picture; colour alone would group by background.
 * The weights were chosen by leave-one-out agreement of nearest neighbours on photographs of ten kinds of clothing.
 */
const WEIGHT = { layout: 0.4, colours: 0.3, edges: 1, texture: 0.2 } as const;

/**
 * The built-in model: colour layout (48), colour histogram (64), oriented edges (128) and texture (16), computed
 * from the upright preview. It needs no weights file, and copies of an image that were re-encoded, resized,
 * brightened or slightly cropped stay within about 0.4 of each other, where different photos are about 0.7 apart.
 */
export const classicalEmbedding: EmbeddingModel = {
  name: 'classical-v1',
  dimension: 256,
  embed: ({ preview }: DecodedImage): Float32Array => {
    const lab = labFromRgb(areaAverage(preview, SIDE, SIDE));
    const vector = [
      ...weighted(colourLayout(lab, SIDE), WEIGHT.layout),
      ...weighted(centred(colourHistogram(lab)), WEIGHT.colours),
      ...weighted(centred(orientedEdges(lab, SIDE)), WEIGHT.edges),
      ...weighted(centred(textureContrast(lab, SIDE)), WEIGHT.texture),
    ];
    const length = Math.hypot(...vector);
    return Float32Array.from(vector, (value) => value / length);
  },
};

/** Without their mean, vectors of values that are never negative point in all directions, not one corner. */
function centred(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}

/** Below this length a part is noise (an almost uniform picture) and is not raised to its full weight. */
const FAINT = 1;

/** Scales a part to the length `weight`. */
function weighted(part: Float64Array, weight: number): Float64Array {
  const scale = weight / Math.max(FAINT, Math.hypot(...part));
  return part.map((value) => value * scale);
}

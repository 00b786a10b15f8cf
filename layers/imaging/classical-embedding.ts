import { BUILT_IN_MODEL } from '#contracts/embedding-models';
import { areaAverage } from './area-average.ts';
import { colourHistogram, colourLayout } from './colour-descriptors.ts';
import type { EmbeddingModel } from './embedding-model.ts';
import { alignedToForeground, foregroundOf } from './foreground.ts';
import { labFromRgb } from './lab-colour.ts';
import type { DecodedImage, RgbPixels } from './rgb-pixels.ts';
import { orientedEdges, textureContrast } from './structure-descriptors.ts';

/** The preview is looked at as this many points a side, and its outlines as half as many. */
const SIDE = 64;
const OUTLINE_SIDE = 32;

/** The edges of what stands out tell more of the picture than those of all of it, which change less when it is cropped. */
const ALIGNED_EDGES = 2;

/** What the vector is made of, each part on its own scale. */
export interface ClassicalParts {
  /** Where which colour lies: 48 values. */
  readonly layout: Float64Array;
  /** Which colours there are: 64. */
  readonly colours: Float64Array;
  /** Which way edges run, and where: 128. */
  readonly edges: Float64Array;
  /** How fine and how directed the texture is: 16. */
  readonly texture: Float64Array;
}

export type PartWeights = Readonly<Record<keyof ClassicalParts, number>>;

/** How much each part counts. Edges tell what is in the picture; colour alone would group by background. */
export const CLASSICAL_WEIGHTS: PartWeights = { layout: 0.4, colours: 0.3, edges: 1, texture: 0.2 };

/**
 * The built-in model: colour layout (48), colour histogram (64), oriented edges (128) and texture (16), computed
 * from the upright preview. It needs no weights file. What it is worth is measured in docs/embedding.md.
 */
export const classicalEmbedding: EmbeddingModel = {
  name: BUILT_IN_MODEL,
  dimension: 256,
  embed: ({ preview }: DecodedImage): Float32Array => joinParts(classicalParts(preview), CLASSICAL_WEIGHTS),
};

/** The parts of the vector of an upright image. */
export function classicalParts(preview: RgbPixels): ClassicalParts {
  const lab = labFromRgb(areaAverage(preview, SIDE, SIDE));
  const outlines = labFromRgb(areaAverage(preview, OUTLINE_SIDE, OUTLINE_SIDE));
  const aligned = alignedToForeground(lab, foregroundOf(lab, SIDE), SIDE, OUTLINE_SIDE);
  const ofAll = orientedEdges(outlines, OUTLINE_SIDE);
  const edges = orientedEdges(aligned, OUTLINE_SIDE).map(
    (ofForeground, index) => ALIGNED_EDGES * ofForeground + (ofAll[index] as number),
  );
  return {
    layout: colourLayout(lab, SIDE),
    colours: centred(colourHistogram(lab)),
    // The root keeps one strong outline from hiding the rest.
    edges: centred(edges.map(Math.sqrt)),
    texture: centred(textureContrast(lab, SIDE)),
  };
}

/** The parts, each of the length that it counts, as one vector of length 1. */
export function joinParts(parts: ClassicalParts, weights: PartWeights): Float32Array {
  const vector = [
    ...weighted(parts.layout, weights.layout),
    ...weighted(parts.colours, weights.colours),
    ...weighted(parts.edges, weights.edges),
    ...weighted(parts.texture, weights.texture),
  ];
  const length = Math.hypot(...vector);
  return Float32Array.from(vector, (value) => value / length);
}

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

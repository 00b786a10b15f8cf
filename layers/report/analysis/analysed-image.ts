import type { PredictionSingleton } from '#contracts/predictions';

/** A point of the plane. */
export type Point = [number, number];

/** Draws vectors in the plane; the same vectors give the same points. */
export type Project = (vectors: readonly Float32Array[], method: 'PCA' | 'UMAP') => readonly Point[];

/** What the report looks at of an image. */
export interface AnalysedImage {
  readonly fileName: string;
  readonly embedding: Float32Array;
  /** Computed metadata by name; all images have the same names. */
  readonly numbers: Readonly<Record<string, number>>;
  /** What users say of it: numbers, texts and truth values by dotted path. */
  readonly custom?: Readonly<Record<string, string | number | boolean>>;
  /** By prediction task. */
  readonly predictions?: Readonly<Record<string, readonly PredictionSingleton[]>>;
  /** Active-learning scores by task, then by name. */
  readonly scores?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Embeddings of its object crops or tiles, by task. */
  readonly crops?: Readonly<Record<string, readonly Float32Array[]>>;
}

export interface AnalysedSets {
  /** Sound images without duplicates: what the selection chose from. */
  readonly input: readonly AnalysedImage[];
  /** Those of the input that were chosen, in order of choice. */
  readonly selected: readonly AnalysedImage[];
  /** Samples that the dataset had before. */
  readonly datapool: readonly AnalysedImage[];
}

import type { Drawing } from '../drawing/drawing.ts';

/** A report as what it says, before it is a page: `html/` and `pdf/` lay it out. */
export interface ReportDocument {
  readonly title: string;
  /** Below the title, one line each. */
  readonly subtitle: readonly string[];
  readonly keyFigures: readonly KeyFigure[];
  readonly sections: readonly Section[];
  /** What made it. */
  readonly colophon: string;
  /** ms; the date of the document. */
  readonly createdAt: number;
}

export interface KeyFigure {
  readonly value: string;
  readonly label: string;
  readonly isMain?: boolean;
}

export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'heading'; readonly text: string }
  /** Side by side as far as they fit, then below each other. */
  | { readonly kind: 'drawings'; readonly drawings: readonly Drawing[] }
  | { readonly kind: 'figures'; readonly figures: readonly Figure[]; readonly more?: string }
  | {
      readonly kind: 'table';
      readonly columns: readonly string[];
      readonly rows: readonly (readonly string[])[];
      readonly more?: string;
    }
  | { readonly kind: 'list'; readonly items: readonly string[] };

/** Images that belong together. */
export interface Figure {
  readonly images: readonly ShownImage[];
  readonly caption?: string;
}

export interface ShownImage {
  readonly fileName: string;
  readonly label?: string;
  /** Framed as one that was chosen. */
  readonly isChosen?: boolean;
}

/** Thumbnails by file name; an image without one is drawn as an empty frame with its name. */
export type Thumbnails = ReadonlyMap<string, Thumbnail>;

export interface Thumbnail {
  /** JPEG, baseline and without a colour profile that a reader would need. */
  readonly jpeg: Uint8Array;
  readonly width: number;
  readonly height: number;
}

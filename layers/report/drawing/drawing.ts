/**
 * What a shape is drawn in; the renderers know the colours. `accent` is the selection, `baseline` what it is compared
 * with, `neutral` everything that it was chosen from.
 */
export type Ink =
  | 'ink'
  | 'muted'
  | 'grid'
  | 'accent'
  | 'accentSoft'
  | 'baseline'
  | 'baselineSoft'
  | 'neutral'
  | 'neutralSoft';

export type Shape =
  /** `d` as in SVG. */
  | {
      readonly kind: 'path';
      readonly d: string;
      readonly fill?: Ink;
      readonly stroke?: Ink;
      readonly lineWidth?: number;
      readonly dashed?: boolean;
    }
  | {
      readonly kind: 'rect';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
      readonly fill: Ink;
    }
  | {
      readonly kind: 'dots';
      readonly points: readonly (readonly [number, number])[];
      readonly radius: number;
      readonly ink: Ink;
    }
  /** `y` is the baseline of the text. */
  | {
      readonly kind: 'text';
      readonly x: number;
      readonly y: number;
      readonly text: string;
      readonly size: number;
      readonly ink: Ink;
      readonly anchor?: 'start' | 'middle' | 'end';
      readonly bold?: boolean;
    }
  /** The thumbnail of an image, inside a square. */
  | {
      readonly kind: 'image';
      readonly x: number;
      readonly y: number;
      readonly side: number;
      readonly fileName: string;
    };

/** A picture made of shapes, in units of a CSS pixel, the origin at the upper left. */
export interface Drawing {
  /** What it shows, also for those who can't see it. */
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly shapes: readonly Shape[];
}

/** Width of a drawing that takes the whole column, and of one that has another beside it. */
export const FULL_WIDTH = 720;
export const HALF_WIDTH = 348;

export const TITLE_SIZE = 13;
export const LABEL_SIZE = 11;

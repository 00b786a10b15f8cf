import { z } from 'zod';

/** Name and version of the model that is part of Winnow; it changes with the values that the model gives. */
export const BUILT_IN_MODEL = 'classical-v2';
/** What settings call the model that is part of Winnow, whatever its version. */
export const BUILT_IN = 'built-in';

/** Most values of a vector: 16 kB in the item of an image. */
const MOST_DIMENSIONS = 4_096;
/** Most bytes of a model: it is in memory beside an image of the largest size. */
export const MOST_MODEL_BYTES = 200_000_000;
/** Most bytes of a description. */
export const MOST_DESCRIPTION_BYTES = 65_536;
/** Sides of the picture that a model looks at, in pixels. */
const MOST_SIDE = 1_024;

const NAME = '[a-z0-9][a-z0-9_-]{0,62}';
const VERSION = '[a-z0-9][a-z0-9._-]{0,30}';
const matching = (pattern: string, what: string) => z.string().regex(new RegExp(`^${pattern}$`), what);

/** How settings name a registered model: `<name>/<version>`. It is also how facts name it. */
export const modelReference = matching(
  `${NAME}/${VERSION}`,
  `expected '${BUILT_IN}' or '<name>/<version>' of a registered model`,
);

const perChannel = z.tuple([z.number(), z.number(), z.number()]);
const perChannelPositive = z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]);

/**
 * How a picture becomes the input of a model, and what the output is. The input is one picture of 32-bit floats:
 * `(level × scale - mean) / std` of levels 0 to 255, mean and std in the order of `channels`.
 */
export const embeddingModelDescription = z.strictObject({
  name: matching(NAME, 'expected up to 63 of a-z, 0-9, _ and -, beginning with a letter or digit'),
  version: matching(VERSION, 'expected up to 31 of a-z, 0-9, ., _ and -, beginning with a letter or digit'),
  input: z.strictObject({
    /** The name of the model's input. */
    name: z.string().min(1).max(256),
    /** Pixels. */
    width: z.int().min(1).max(MOST_SIDE),
    height: z.int().min(1).max(MOST_SIDE),
    layout: z.enum(['NCHW', 'NHWC']).default('NCHW'),
    channels: z.enum(['RGB', 'BGR']).default('RGB'),
    scale: z
      .number()
      .positive()
      .default(1 / 255),
    mean: perChannel.default([0, 0, 0]),
    std: perChannelPositive.default([1, 1, 1]),
    /**
     * `squash`: to width and height whatever the shape was. `crop`: the picture fills them, and what reaches beyond is cut
     * off on both sides alike. `pad`: the picture fits into them, and what is left is of colour `padding`.
     */
    resize: z.enum(['squash', 'crop', 'pad']).default('crop'),
    /** `crop` cuts the middle out of a picture that is this many times as large: 256 / 224 is usual. */
    cropFrom: z.number().min(1).max(2).default(1),
    /** Level of red, green and blue alike. */
    padding: z.int().min(0).max(255).default(0),
  }),
  output: z.strictObject({
    /** The name of the output that is the vector; of several rows, as tokens have, the first one is taken. */
    name: z.string().min(1).max(256),
    dimension: z.int().min(1).max(MOST_DIMENSIONS),
    /** Scale vectors to length 1, so that distances are 0 to 2, as those of the built-in model. */
    normalise: z.boolean().default(true),
  }),
});
export type EmbeddingModelDescription = z.infer<typeof embeddingModelDescription>;

export const referenceOf = ({ name, version }: EmbeddingModelDescription): string => `${name}/${version}`;

/** What the facts of images name a model that settings ask for. */
export const modelNameOf = (setting: string): string => (setting === BUILT_IN ? BUILT_IN_MODEL : setting);

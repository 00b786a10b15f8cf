import type { EmbeddingModelDescription } from '#contracts/embedding-models';
import { swapsSides } from '#contracts/image-facts';
import { sharp } from './configured-sharp.ts';
import type { DecodedImage, RgbPixels } from './rgb-pixels.ts';
import { upright } from './upright.ts';

type InputDescription = EmbeddingModelDescription['input'];

/** The numbers that a model looks at, one picture of `width` × `height`, in the order of its layout. */
export async function modelInput(image: DecodedImage, input: InputDescription): Promise<Float32Array> {
  return scaled(await resized(image, input), input);
}

/** Made small first and turned afterwards: resizing is the same along both axes. */
async function resized(image: DecodedImage, input: InputDescription): Promise<RgbPixels> {
  const { pixels, orientation } = image;
  const swaps = swapsSides(orientation);
  const width = swaps ? input.height : input.width;
  const height = swaps ? input.width : input.height;
  const stored = sharp(pixels, { raw: { width: image.width, height: image.height, channels: 3 } });
  const whole = {
    width: Math.round(width * cropFromOf(input)),
    height: Math.round(height * cropFromOf(input)),
  };
  const level = input.padding;
  const resizing = stored.resize({
    ...whole,
    fit: FIT[input.resize],
    // Catmull-Rom, as most models were trained with.
    kernel: 'cubic',
    background: { r: level, g: level, b: level },
  });
  const left = Math.floor((whole.width - width) / 2);
  const top = Math.floor((whole.height - height) / 2);
  const data = await resizing.extract({ left, top, width, height }).raw().toBuffer();
  return upright({ pixels: data, width, height }, orientation);
}

const FIT = { squash: 'fill', crop: 'cover', pad: 'contain' } as const;
const cropFromOf = ({ resize, cropFrom }: InputDescription): number => (resize === 'crop' ? cropFrom : 1);

function scaled({ pixels }: RgbPixels, input: InputDescription): Float32Array {
  const { scale, mean, std, layout, channels } = input;
  const points = pixels.length / 3;
  const values = new Float32Array(pixels.length);
  for (let channel = 0; channel < 3; channel++) {
    const from = channels === 'RGB' ? channel : 2 - channel;
    for (let point = 0; point < points; point++) {
      const level = pixels[point * 3 + from] as number;
      const to = layout === 'NCHW' ? channel * points + point : point * 3 + channel;
      values[to] = (level * scale - (mean[channel] as number)) / (std[channel] as number);
    }
  }
  return values;
}

import type { RejectionCode } from '#contracts/errors';

/**
 * Whether a refused file was meant to be an image and is broken, or is something the dataset does not take. Only
 * the first kind says that something is wrong with the input, so only it counts against the threshold: a folder
 * with a few PDFs, or one image beyond the pixel limit, must not fail a run.
 */
export function outcomeOfRejection(code: RejectionCode): 'corrupt' | 'unsupported' {
  switch (code) {
    case 'CORRUPT':
    case 'EMPTY':
      return 'corrupt';
    case 'UNSUPPORTED_FORMAT':
    case 'TOO_MANY_BYTES':
    case 'TOO_MANY_PIXELS':
    case 'ARCHIVED':
      return 'unsupported';
    default:
      return code satisfies never;
  }
}

/**
 * Why a run must fail, or undefined where its input is sound enough. The share is that of corrupt files among all
 * images, sound and corrupt; unsupported files are no images and are in neither number.
 */
export function corruptnessFailure(counts: {
  readonly corrupt: number;
  readonly sound: number;
  readonly threshold: number;
}): string | undefined {
  const images = counts.corrupt + counts.sound;
  if (images === 0 || counts.corrupt / images <= counts.threshold) return undefined;
  const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
  return (
    `${counts.corrupt} of ${images} images are corrupt (${percent(counts.corrupt / images)}), ` +
    `which is more than the threshold of ${percent(counts.threshold)}.`
  );
}

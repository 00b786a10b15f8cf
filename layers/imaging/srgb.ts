/** IEC 61966-2-1: an 8-bit sRGB level as linear light, 0 to 1. */
export function linearFromSrgb(level: number): number {
  const value = level / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** CIE 1976 L*, 0 to 100, of the luminance relative to white. */
export const cieLightness = (luminance: number): number =>
  luminance > 216 / 24389 ? 116 * Math.cbrt(luminance) - 16 : (luminance * 24389) / 27;

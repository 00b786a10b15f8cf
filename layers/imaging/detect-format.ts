import type { ImageFormat } from '#contracts/image-facts';

const ascii = (bytes: Uint8Array, start: number, end: number): string =>
  String.fromCharCode(...bytes.subarray(start, end));

const startsWith = (bytes: Uint8Array, ...signature: number[]): boolean =>
  bytes.length >= signature.length && signature.every((byte, index) => bytes[index] === byte);

/**
 * The format that the first bytes tell, or undefined for everything that Winnow does not read. Nothing reaches a
 * decoder before it passed here: libvips could also open SVG and other formats that follow references.
 */
export function detectFormat(bytes: Uint8Array): ImageFormat | undefined {
  if (startsWith(bytes, 0xff, 0xd8, 0xff)) return 'jpeg';
  if (startsWith(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'png';
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP') return 'webp';
  if (/^GIF8[79]a$/.test(ascii(bytes, 0, 6))) return 'gif';
  if (isTiff(bytes)) return 'tiff';
  if (isBmp(bytes)) return 'bmp';
  if (isAvif(bytes)) return 'avif';
  return undefined;
}

/** Little and big endian; 42 is TIFF, 43 is BigTIFF. */
function isTiff(bytes: Uint8Array): boolean {
  return (
    startsWith(bytes, 0x49, 0x49, 42, 0) ||
    startsWith(bytes, 0x4d, 0x4d, 0, 42) ||
    startsWith(bytes, 0x49, 0x49, 43, 0) ||
    startsWith(bytes, 0x4d, 0x4d, 0, 43)
  );
}

/** `BM` alone begins many a text: the four reserved bytes are zero and the header's size is one that exists. */
function isBmp(bytes: Uint8Array): boolean {
  if (ascii(bytes, 0, 2) !== 'BM' || bytes.length < 18) return false;
  const header = new DataView(bytes.buffer, bytes.byteOffset, 18);
  return (
    header.getUint32(6, true) === 0 && [12, 40, 52, 56, 64, 108, 124].includes(header.getUint32(14, true))
  );
}

/** The box `ftyp` comes first and names `avif` or `avis` among its brands; HEIC names others. */
function isAvif(bytes: Uint8Array): boolean {
  if (bytes.length < 16 || ascii(bytes, 4, 8) !== 'ftyp') return false;
  const boxLength = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
  const brands = ascii(bytes, 8, Math.min(boxLength, bytes.length, 256)).match(/.{4}/gs) ?? [];
  return brands.some((brand) => brand === 'avif' || brand === 'avis');
}

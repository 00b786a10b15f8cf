import type { Thumbnail } from '../document/report-document.ts';

/** A thumbnail as a URL that needs nothing else. */
export const imageData = ({ jpeg }: Thumbnail): string =>
  `data:image/jpeg;base64,${Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength).toString('base64')}`;

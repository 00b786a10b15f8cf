import sharp from 'sharp';

/*
 * One image is decoded at a time in each process, so a second libvips thread would only fight with the process
 * beside it, and no operation ever repeats, so libvips' cache would only hold memory.
 */
sharp.concurrency(1);
sharp.cache(false);

/** libvips' names of the decoders behind the accepted formats; BMP has a decoder of our own. */
const ACCEPTED_DECODERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map(
  (name) => `VipsForeignLoad${name}`,
);

/**
 * Switches every other decoder of libvips off in this process, so that a file with a disguised signature reaches none
 * of them. For a process that only reads hostile images: one that draws SVG by itself can't after this.
 */
export function blockOtherDecoders(): void {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: ACCEPTED_DECODERS });
}

export { sharp };

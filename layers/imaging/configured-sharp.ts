import sharp from 'sharp';

/*
 * One image is worked on at a time in each process, so a second libvips thread would only fight with the process
 * beside it, and no operation ever repeats, so libvips' cache would only hold memory.
 */
sharp.concurrency(1);
sharp.cache(false);

export { sharp };

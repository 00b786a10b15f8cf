import { readFile } from 'node:fs/promises';
import { DEFAULT_SETTINGS } from '#contracts/settings';
import { analyseImage } from '#imaging/analyse-image';
import { classicalEmbedding } from '#imaging/classical-embedding';

/** Analyses the files it is sent, one after the other, and answers when all are done. */
process.on('message', async (files: string[]) => {
  for (const file of files)
    await analyseImage(await readFile(file), DEFAULT_SETTINGS.ingest, classicalEmbedding);
  process.send?.('done');
});

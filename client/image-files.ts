import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const IMAGE = /\.(jpe?g|png|gif|tiff?|webp)$/i;

/**
 * Images in a folder and its subfolders, in alphabetical order, as names relative to it with forward slashes. What
 * begins with a dot is left out; links to files are followed, links to folders are not.
 */
export async function imageFilesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const name of imagesBelow(folder, '')) names.push(name);
  return names.sort();
}

async function* imagesBelow(folder: string, prefix: string): AsyncGenerator<string, void> {
  for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const name = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) yield* imagesBelow(folder, name);
    else if (IMAGE.test(name) && (entry.isFile() || (await isLinkToFile(join(folder, name))))) yield name;
  }
}

async function isLinkToFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

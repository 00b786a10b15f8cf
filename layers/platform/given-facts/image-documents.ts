import { stemOf } from '#contracts/file-extension';
import { JSON_ENDING } from './document-files.ts';

/**
 * Which images of a run a document is about. The document about `a/b.jpg` is `a/b.json`, and about `a/b.png` it is the
 * same: then the `file_name` inside decides, and where there is none it is about both.
 */
export class ImageDocuments {
  readonly #folder: string;
  readonly #images = new Map<string, string[]>();

  /** @param folder ending in a slash */
  constructor(folder: string, fileNames: Iterable<string>) {
    this.#folder = folder;
    for (const fileName of fileNames) {
      const document = this.nameFor(fileName);
      const known = this.#images.get(document);
      if (known) known.push(fileName);
      else this.#images.set(document, [fileName]);
    }
  }

  nameFor(fileName: string): string {
    return `${this.#folder}${stemOf(fileName)}${JSON_ENDING}`;
  }

  /** Of all images, each once. */
  names(): Iterable<string> {
    return this.#images.keys();
  }

  /** Empty where the document says that it is about another image. */
  imagesOf(document: string, fileName: string | undefined): readonly string[] {
    const images = this.#images.get(document) ?? [];
    return fileName === undefined ? images : images.filter((image) => image === fileName);
  }
}

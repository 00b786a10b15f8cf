import { classicalEmbedding } from '#imaging/classical-embedding';
import type { EmbeddingModel } from '#imaging/embedding-model';
import { openOnnxModel } from '#imaging/onnx-embedding';
import type { ModelFile, ModelRegistry } from '#platform/embeddings/model-registry';

/** Finds a model by the name that facts have for it: that of Winnow's own, or `<name>/<version>`. */
export type FindEmbeddingModel = (name: string) => Promise<EmbeddingModel>;

/** Models in memory at a time; a machine that serves more loads them in turn. */
const MOST_LOADED = 2;

/**
 * Winnow's own model and those of the registry, each loaded when it is first asked for and then kept. One that could not
 * be loaded is tried again the next time.
 *
 * @param readFile the bytes of a model's file; its name stands for its contents
 * @returns throws InvalidInputError where there is no such model, or it does not fit its description
 */
export function embeddingModels(
  registry: ModelRegistry,
  readFile: (file: ModelFile & { readonly name: string }) => Promise<Uint8Array>,
): FindEmbeddingModel {
  const load = async (name: string): Promise<EmbeddingModel> => {
    const description = await registry.describe(name);
    const file = await registry.open(name);
    const bytes = await readFile({ ...file, name: `${file.eTag}-${file.size}.onnx` });
    return openOnnxModel(bytes, description);
  };
  const loaded = new Map<string, Promise<EmbeddingModel>>();
  return async (name) => {
    if (name === classicalEmbedding.name) return classicalEmbedding;
    const model = loaded.get(name) ?? load(name);
    // Asked for last, forgotten last.
    loaded.delete(name);
    loaded.set(name, model);
    const [oldest] = loaded.keys();
    if (loaded.size > MOST_LOADED && oldest !== undefined) loaded.delete(oldest);
    try {
      return await model;
    } catch (error) {
      if (loaded.get(name) === model) loaded.delete(name);
      throw error;
    }
  };
}

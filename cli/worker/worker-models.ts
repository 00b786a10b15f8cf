import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { embeddingModelDescription, modelReference } from '#contracts/embedding-models';
import { InvalidInputError } from '#contracts/errors';
import { modelUrls } from '#contracts/planned-runs';
import { parseJsonWith, parseWith } from '#contracts/schema';
import { embeddingModels, type FindEmbeddingModel } from '#worker/embedding-models';
import type { TakenRun } from '#worker/worker-api';
import { TransferError } from '../../client/index.ts';
import type { Api } from '../api-command.ts';
import { callOwnApi } from '../own-api.ts';
import { patiently } from './patience.ts';
import { eTagOf, reach } from './storage-files.ts';

const PATIENCE_MS = 5 * 60_000;

/** Winnow's own embedding model, and the learned ones of the server through URLs that the API gives. */
export function workerModels(api: Api, { runId, attempt }: TakenRun): FindEmbeddingModel {
  const { fetch, signal } = api;
  const patience = { signal, forMs: PATIENCE_MS };
  const get = async (name: string, part: 'description' | 'file'): Promise<Response> => {
    const body = { attempt, name: parseWith(modelReference, name, 'The name of an embedding model') };
    const request = { method: 'POST', path: `runs/${runId}/model-urls`, body } as const;
    const url = (await callOwnApi(api, request, modelUrls))[part];
    return reach(() => fetch(url, { signal }), `embedding model '${name}'`, signal).catch((error) => {
      if (!(error instanceof TransferError) || error.status !== 404) throw error;
      throw new InvalidInputError(`There is no embedding model '${name}'. Add it: winnow models add`);
    });
  };
  const registry = {
    describe: async (name: string) => {
      const text = await patiently(async () => (await get(name, 'description')).text(), patience);
      return parseJsonWith(embeddingModelDescription, text, `The description of '${name}'`);
    },
    open: (name: string) =>
      patiently(async () => {
        const response = await get(name, 'file');
        const bytes = Buffer.from(await response.arrayBuffer());
        const eTag = eTagOf(response) ?? '';
        return { eTag, size: bytes.length, body: Readable.from([bytes]) };
      }, patience),
  };
  return embeddingModels(registry, ({ body }) => buffer(body));
}

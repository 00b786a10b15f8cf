import { imageUrls, MOST_IMAGE_URLS } from '#contracts/planned-runs';
import type { ImageReference, RunImages } from '#worker/run-images';
import type { TakenRun } from '#worker/worker-api';
import { TransferError } from '../../client/index.ts';
import type { Api } from '../api-command.ts';
import { callOwnApi } from '../own-api.ts';
import { patiently } from './patience.ts';
import { eTagOf, reach } from './storage-files.ts';
import { workerModels } from './worker-models.ts';

/** Names that are asked for within so long (ms) go into one request. */
const GATHERED_FOR_MS = 5;
const PATIENCE_MS = 5 * 60_000;

/** The images of a run, through URLs that the API gives. */
export function workerImages(api: Api, run: TakenRun): RunImages {
  const urlOf = gatheredUrls(async (fileNames) => {
    const body = { attempt: run.attempt, fileNames };
    const path = `runs/${run.runId}/image-urls`;
    return (await callOwnApi(api, { method: 'POST', path, body }, imageUrls)).urls;
  });
  return {
    read: (image) =>
      patiently(() => readImage(image, urlOf, api), { signal: api.signal, forMs: PATIENCE_MS }),
    model: workerModels(api, run),
  };
}

async function readImage(
  { fileName, eTag }: ImageReference,
  urlOf: (fileName: string) => Promise<string | null>,
  { fetch, signal }: Api,
): Promise<Uint8Array | undefined> {
  const url = await urlOf(fileName);
  if (url === null) return undefined;
  try {
    const response = await reach(() => fetch(url, { signal }), `image '${fileName}'`, signal);
    const found = eTagOf(response);
    if (eTag === undefined || found === eTag) return new Uint8Array(await response.arrayBuffer());
    await response.body?.cancel();
    return undefined;
  } catch (error) {
    if (error instanceof TransferError && error.status === 404) return undefined;
    throw error;
  }
}

type Waiting = {
  readonly fileName: string;
  readonly resolve: (url: string | null) => void;
  readonly reject: (error: unknown) => void;
};

/** One request for many names: an image is small beside a round trip. */
function gatheredUrls(
  ask: (fileNames: readonly string[]) => Promise<readonly (string | null)[]>,
): (fileName: string) => Promise<string | null> {
  let waiting: Waiting[] = [];
  const send = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      const urls = await ask(batch.map(({ fileName }) => fileName));
      for (const [at, { resolve }] of batch.entries()) resolve(urls[at] ?? null);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };
  const flush = (): void => {
    const batch = waiting;
    waiting = [];
    if (batch.length > 0) void send(batch);
  };
  return (fileName) =>
    new Promise((resolve, reject) => {
      waiting.push({ fileName, resolve, reject });
      if (waiting.length === 1) setTimeout(flush, GATHERED_FOR_MS);
      if (waiting.length >= MOST_IMAGE_URLS) flush();
    });
}

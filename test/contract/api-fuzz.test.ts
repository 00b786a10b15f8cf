import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newObjectId } from '#contracts/schema';
import { ADMINISTRATOR_TOKEN, type ApiWorld, checkedAnswer, startApiWorld } from '../support/api-world.ts';
import { contractFuzzers, type FuzzedRequest, type Fuzzer } from '../support/contract-fuzzer.ts';
import { functionUrlEvent, lambdaContext } from '../support/lambda-invocation.ts';

/** Of each kind, for each operation. Another seed gives other requests. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 15);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
/** An answer that takes longer hangs. */
const MOST_MS = 10_000;

let world: ApiWorld;
beforeAll(async () => {
  world = await startApiWorld();
});
afterAll(() => world.stop());

/** A dataset of its own, so that an operation that deletes or changes it disturbs no other. */
async function knownResources(name: string): Promise<Record<string, string>> {
  const { id: datasetId } = await world.call('create_dataset', { body: { name } });
  const sample = await world.call('create_sample_by_dataset_id', {
    path: { datasetId },
    body: { fileName: 'a.jpg' },
  });
  const tag = await world.call('create_initial_tag_by_dataset_id', {
    path: { datasetId },
    body: { imgType: 'full', name: 'initial-tag' },
  });
  const { id: runId } = await world.call('create_docker_run', {
    body: { dockerVersion: '3.0.0', datasetId },
  });
  const { id: workerId } = await world.call('register_docker_worker', {
    body: { name: `worker ${name}`, workerType: 'FULL' },
  });
  const { signedWriteUrl: _, embeddingId } = await world.call('get_embeddings_csv_write_url_by_id', {
    path: { datasetId },
    query: { name: 'fuzzed' },
  });
  return { datasetId, sampleId: sample.id, tagId: tag.id, runId, workerId, embeddingId };
}

async function send({ operation }: Fuzzer, { path, query, body }: FuzzedRequest, requestId: string) {
  const filled = operation.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(path[name] ?? ''));
  const search = new URLSearchParams({ token: ADMINISTRATOR_TOKEN });
  for (const [name, value] of query) search.append(name, value);
  const event = functionUrlEvent(filled, search, {
    method: operation.method,
    requestId,
    ...(body !== undefined && { body }),
  });
  const answer = async () => {
    const { statusCode, headers, body: sent } = await world.answer(event, lambdaContext());
    return { statusCode, headers, bytes: typeof sent === 'string' ? Buffer.from(sent) : await buffer(sent) };
  };
  let timer: NodeJS.Timeout | undefined;
  const hung = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('No answer in time')), MOST_MS);
  });
  return Promise.race([answer(), hung]).finally(() => clearTimeout(timer));
}

describe.each(contractFuzzers().map((fuzzer) => [fuzzer.operation.id, fuzzer] as const))(
  '%s',
  (id, fuzzer) => {
    test('answers whatever the contract allows, and refuses what breaks it, with no fault of its own', async () => {
      const known = await knownResources(`fuzz ${id.slice(0, 60)} ${newObjectId(Date.now()).slice(-6)}`);
      for (let index = 0; index < REQUESTS; index++) {
        const seed = SEED * 100_000 + index;
        for (const request of [fuzzer.valid(seed, known), fuzzer.broken(seed, known)]) {
          const { statusCode, headers, bytes } = await send(fuzzer, request, `${id}-${seed}`);
          const context = {
            id,
            request,
            answer: statusCode >= 400 ? bytes.toString().slice(0, 500) : statusCode,
          };
          expect({ ...context, isFault: statusCode >= 500 }).toEqual({ ...context, isFault: false });
          if (request.breaks) {
            expect({ ...context, isRefused: statusCode >= 400 }).toEqual({ ...context, isRefused: true });
          }
          checkedAnswer(id, statusCode, headers, bytes);
        }
      }
    });
  },
);

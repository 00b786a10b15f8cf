import { afterEach, describe, expect, test } from '@jest/globals';
import type { RawFile } from '../../client/index.ts';
import { type ClientWorld, NOW, objectId, startClientWorld } from '../support/client-world.ts';
import { Refusal } from '../support/protocol-server.ts';

let world: ClientWorld;
const start = async (...how: Parameters<typeof startClientWorld>) => {
  world = await startClientWorld(...how);
  return world;
};
afterEach(async () => world.server.stop());

const SECONDS = Math.floor(NOW / 1000);
const file = (fileName: string): RawFile => ({ fileName, readUrl: `https://example.com/${fileName}` });
const namesOf = (files: readonly RawFile[]) => files.map(({ fileName }) => fileName).sort();

/** Answers a listing: the cursor of shard 2 on page 1 is `2:1`. */
const listing = (shards: readonly (readonly (readonly string[])[])[]) => ({
  divide: () => ({ cursors: shards.map((_, shard) => `${shard}:0`) }),
  list: ({ query }: { query: { cursor?: string } }) => {
    const [shard = 0, page = 0] = (query.cursor ?? '').split(':').map(Number);
    const pages = shards[shard] ?? [];
    const hasMore = page + 1 < pages.length;
    return { hasMore, cursor: hasMore ? `${shard}:${page + 1}` : '', data: (pages[page] ?? []).map(file) };
  },
});

describe('a listing of raw samples', () => {
  const startListing = (shards: readonly (readonly (readonly string[])[])[]) => {
    const { divide, list } = listing(shards);
    return start({
      get_divide_and_conquer_list_of_raw_samples_from_datasource_by_dataset_id: divide,
      get_list_of_raw_samples_from_datasource_by_dataset_id: list,
    });
  };

  test('follows every part to its end', async () => {
    const { client, server } = await startListing([[['a'], ['b', 'c']], [[]], [['d'], [], ['e']]]);
    const seen: number[] = [];
    const files = await client.downloadRawSamples({
      from: 5,
      divideAndConquerShards: 3,
      useRedirectedReadUrl: true,
      relevantFilenamesFileName: 'relevant.txt',
      onProgress: ({ done }) => void seen.push(done),
    });
    expect(namesOf(files)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(seen.at(-1)).toBe(5);
    const [divided, listed] = server.calls;
    const relevantFilenamesFileName = 'relevant.txt';
    expect(divided?.query).toEqual({
      from: 5,
      to: SECONDS,
      dncShards: 3,
      relevantFilenamesFileName,
    });
    expect(listed?.query).toMatchObject({ useRedirectedReadUrl: true, relevantFilenamesFileName });
  });

  test('lists the parts at the same time', async () => {
    const open = new Set<string>();
    let most = 0;
    const { divide } = listing([[], [], []]);
    const { client } = await start({
      get_divide_and_conquer_list_of_raw_samples_from_datasource_by_dataset_id: divide,
      get_list_of_raw_samples_from_datasource_by_dataset_id: async ({ query }) => {
        open.add(query.cursor ?? '');
        most = Math.max(most, open.size);
        // All three are there before one is answered.
        while (most < 3) await new Promise((resolve) => setImmediate(resolve));
        open.delete(query.cursor ?? '');
        return { hasMore: false, cursor: '', data: [] };
      },
    });
    await client.downloadRawSamples({ divideAndConquerShards: 3 });
    expect(most).toBe(3);
  });

  test('leaves out what is no name of a file, and names it', async () => {
    const { client, warnings } = await startListing([[['a', '/b', './c', '../d', 'a', '.e']]]);
    expect(namesOf(await client.downloadRawSamples())).toEqual(['.e', 'a']);
    expect(warnings).toHaveLength(4);
    expect(warnings.join()).toContain("'../d'");
  });

  test('that nobody reads to its end asks for no more pages', async () => {
    const pages = Array.from({ length: 50 }, (_, page) => [`${page}`]);
    const { client, server } = await startListing([pages, pages]);
    for await (const { fileName } of client.downloadRawSamplesIter()) if (fileName === '3') break;
    expect(server.calls.length).toBeLessThan(15);
  });

  test('fails as a whole where one part does', async () => {
    const { divide, list } = listing([[['a']], [['b']]]);
    const { client } = await start({
      get_divide_and_conquer_list_of_raw_samples_from_datasource_by_dataset_id: divide,
      get_list_of_raw_samples_from_datasource_by_dataset_id: (call) => {
        if (call.query.cursor === '1:0') throw new Refusal(403, 'FORBIDDEN');
        return list(call);
      },
    });
    await expect(client.downloadRawSamples()).rejects.toMatchObject({ status: 403 });
  });
});

test.each([
  [0, 0],
  [1000, 1001],
])('new raw samples are those after what was processed until %i', async (processedUntilTimestamp, from) => {
  const { divide, list } = listing([[['a']]]);
  const { client, server } = await start({
    get_datasource_processed_until_timestamp_by_dataset_id: () => ({ processedUntilTimestamp }),
    get_divide_and_conquer_list_of_raw_samples_from_datasource_by_dataset_id: divide,
    get_list_of_raw_samples_from_datasource_by_dataset_id: list,
    update_datasource_processed_until_timestamp_by_dataset_id: () => undefined,
  });
  expect(namesOf(await client.downloadNewRawSamples())).toEqual(['a']);
  expect(server.calls[1]?.query).toMatchObject({ from, to: SECONDS });
  expect(server.calls.at(-1)?.body).toEqual({ processedUntilTimestamp: SECONDS });
});

test('what was not listed to its end does not count as processed', async () => {
  const { client, server } = await start({
    get_datasource_processed_until_timestamp_by_dataset_id: () => ({ processedUntilTimestamp: 0 }),
    get_divide_and_conquer_list_of_raw_samples_from_datasource_by_dataset_id: () => {
      throw new Refusal(403);
    },
  });
  await expect(client.downloadNewRawSamples()).rejects.toMatchObject({ status: 403 });
  expect(server.callsOf('update_datasource_processed_until_timestamp_by_dataset_id')).toEqual([]);
});

describe('files of predictions and metadata', () => {
  test('are listed for a task, and for the artifact of a run', async () => {
    const { divide, list } = listing([[['detect/a.json']]]);
    const { client, server } = await start({
      get_divide_and_conquer_list_of_raw_samples_predictions_from_datasource_by_dataset_id: divide,
      get_list_of_raw_samples_predictions_from_datasource_by_dataset_id: list,
    });
    const artifact = { runId: objectId(1), relevantFilenamesArtifactId: objectId(2) };
    expect(namesOf(await client.downloadRawPredictions('detect', artifact))).toEqual(['detect/a.json']);
    for (const { query } of server.calls) {
      expect(query).toMatchObject({
        taskName: 'detect',
        relevantFilenamesRunId: objectId(1),
        relevantFilenamesArtifactId: objectId(2),
      });
    }
  });

  test('are listed for metadata', async () => {
    const { divide, list } = listing([[['a.json']]]);
    const { client } = await start({
      get_divide_and_conquer_list_of_raw_samples_metadata_from_datasource_by_dataset_id: divide,
      get_list_of_raw_samples_metadata_from_datasource_by_dataset_id: list,
    });
    expect(namesOf(await client.downloadRawMetadata())).toEqual(['a.json']);
  });

  test('need a run and its artifact together', async () => {
    const { client } = await start();
    await expect(client.downloadRawMetadata({ runId: objectId(1) })).rejects.toThrow('given together');
  });

  test('have URLs', async () => {
    const { client, server } = await start({
      get_prediction_file_read_url_from_datasource_by_dataset_id: () => 'https://example.com/1',
      get_metadata_file_read_url_from_datasource_by_dataset_id: () => 'https://example.com/2',
      get_custom_embedding_file_read_url_from_datasource_by_dataset_id: () => 'https://example.com/3',
    });
    expect(await client.getPredictionReadUrl('detect/a.json')).toBe('https://example.com/1');
    expect(await client.getMetadataReadUrl('a.json')).toBe('https://example.com/2');
    expect(await client.getCustomEmbeddingReadUrl('e.csv')).toBe('https://example.com/3');
    expect(server.calls.map(({ query }) => query)).toMatchObject([
      { fileName: 'detect/a.json' },
      { fileName: 'a.json' },
      { fileName: 'e.csv' },
    ]);
  });
});

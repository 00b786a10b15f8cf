import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  ApiError,
  ApiWorkflowClient,
  ConnectionError,
  DatasetNotFoundError,
  InvalidConfigurationError,
  MaxRetryError,
} from '../../client/index.ts';
import {
  type ClientWorld,
  DATASET_ID,
  datasetData,
  startClientWorld,
  tagData,
} from '../support/client-world.ts';
import { Refusal, startProtocolServer, TOKEN } from '../support/protocol-server.ts';

let world: ClientWorld;
const start = async (...how: Parameters<typeof startClientWorld>) => {
  world = await startClientWorld(...how);
  return world;
};
afterEach(async () => world?.server.stop());

describe('a refused call', () => {
  test('throws what the server says of it', async () => {
    const { client } = await start({
      get_tags_by_dataset_id: () => {
        throw new Refusal(403, 'FORBIDDEN');
      },
    });
    const error = await client.getAllTags().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      name: 'ApiError',
      status: 403,
      code: 'FORBIDDEN',
      requestId: 'request-of-a-test',
      operation: 'get_tags_by_dataset_id',
      message:
        'get_tags_by_dataset_id was answered with 403 FORBIDDEN: refused with 403 (request request-of-a-test)',
    });
  });

  test('of a gateway is an error too, though it does not speak the protocol', async () => {
    const { client } = await start({
      get_tags_by_dataset_id: () => {
        throw new Refusal(502, '', '<html>Bad gateway</html>');
      },
    });
    await expect(client.getAllTags()).rejects.toMatchObject({ status: 502, code: undefined });
  });

  test('about a dataset that is gone has an error of its own', async () => {
    const { client } = await start({
      get_dataset_by_id: () => {
        throw new Refusal(404, 'DATASET_UNKNOWN');
      },
    });
    await expect(client.getDatasetById(DATASET_ID)).rejects.toThrow(DatasetNotFoundError);
    await expect(client.datasetExists(DATASET_ID)).resolves.toBe(false);
  });

  test('with a wrong token says so, and does not show it', async () => {
    const { client } = await start({ get_tags_by_dataset_id: () => [] }, { token: 'a-wrong-one' });
    const error = (await client.getAllTags().catch((thrown: unknown) => thrown)) as ApiError;
    expect(error).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    expect(JSON.stringify([error, error.message, error.stack])).not.toContain('a-wrong-one');
  });
});

describe('a call that can be repeated', () => {
  const failing = (status: number, times: number) => {
    let left = times;
    return () => {
      if (left-- > 0) throw new Refusal(status);
      return ['cat.jpg'];
    };
  };

  test.each([400, 408, 409, 500, 502, 503, 504])('is repeated after %i, each time later', async (status) => {
    const { client, waits } = await start({ get_sample_mappings_by_dataset_id: failing(status, 5) });
    await expect(client.getFilenames()).resolves.toEqual(['cat.jpg']);
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
  });

  test('waits at least ten seconds after 429', async () => {
    const { client, waits } = await start({ get_sample_mappings_by_dataset_id: failing(429, 5) });
    await client.getFilenames();
    expect(waits).toEqual([10_000, 10_000, 10_000, 10_000, 16_000]);
  });

  test('is given up in the end, with the reason', async () => {
    const { client, server } = await start({ get_sample_mappings_by_dataset_id: failing(503, 100) });
    const error = await client.getFilenames().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MaxRetryError);
    expect(error).toMatchObject({ attempts: 6, cause: { status: 503 } });
    expect(server.calls).toHaveLength(6);
  });

  test.each([401, 403, 404])('is not repeated after %i', async (status) => {
    const { client, server } = await start({ get_sample_mappings_by_dataset_id: failing(status, 1) });
    await expect(client.getFilenames()).rejects.toMatchObject({ status });
    expect(server.calls).toHaveLength(1);
  });

  test('is not repeated after 400 where an action is for another place', async () => {
    const code = 'DATASET_DATASOURCE_ILLEGAL_ACTION';
    const refused = () => {
      throw new Refusal(400, code);
    };
    const { client, server } = await start({ get_sample_mappings_by_dataset_id: refused });
    await expect(client.getFilenames()).rejects.toMatchObject({ status: 400, code });
    expect(server.calls).toHaveLength(1);
  });

  test('is repeated when the server can not be reached', async () => {
    const unused = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => unused.once('listening', resolve));
    const { port } = unused.address() as { port: number };
    await new Promise((resolve) => unused.close(resolve));
    const { client, waits } = await start({}, { serverLocation: `http://127.0.0.1:${port}` });
    const error = (await client.getFilenames().catch((thrown: unknown) => thrown)) as MaxRetryError;
    expect(error.cause).toBeInstanceOf(ConnectionError);
    expect(waits).toHaveLength(5);
  });

  test('has as many attempts as the options say', async () => {
    const options = { retry: { maxRetries: 1, firstDelay: 7 } };
    const { client, waits } = await start({ get_sample_mappings_by_dataset_id: failing(500, 2) }, options);
    await expect(client.getFilenames()).rejects.toThrow(MaxRetryError);
    expect(waits).toEqual([7]);
  });
});

test('scheduling a run is tried once: two runs are worse than none', async () => {
  const { client, server } = await start({
    create_docker_worker_config_vx: () => ({ id: DATASET_ID }),
    create_docker_run_scheduled_by_dataset_id: () => {
      throw new Refusal(503);
    },
  });
  await expect(client.scheduleComputeWorkerRun()).rejects.toMatchObject({ status: 503 });
  expect(server.callsOf('create_docker_run_scheduled_by_dataset_id')).toHaveLength(1);
});

describe('an aborted call', () => {
  test('rejects with the reason of the signal, and is not repeated', async () => {
    const controller = new AbortController();
    const { client, server } = await start({
      get_sample_mappings_by_dataset_id: () => {
        controller.abort(new Error('enough'));
        return new Promise(() => undefined);
      },
    });
    await expect(client.getFilenames({ signal: controller.signal })).rejects.toThrow('enough');
    expect(server.calls).toHaveLength(1);
  });

  test('ends while it waits for the next attempt', async () => {
    const controller = new AbortController();
    const { client } = await start(
      {
        get_sample_mappings_by_dataset_id: () => {
          setImmediate(() => controller.abort(new Error('enough')));
          throw new Refusal(503);
        },
      },
      // Longer than the test may last.
      { retry: { firstDelay: 100_000 }, sleep: (await import('../../client/retry.ts')).sleep },
    );
    await expect(client.getFilenames({ signal: controller.signal })).rejects.toThrow('enough');
  });

  test('can be any call of a client at once', async () => {
    const { client } = await start(
      { get_tags_by_dataset_id: () => [] },
      { signal: AbortSignal.abort(new Error('closed')) },
    );
    await expect(client.getAllTags()).rejects.toThrow('closed');
  });
});

test('a server that does not answer in time is an error', async () => {
  const { client } = await start(
    { get_tags_by_dataset_id: () => new Promise(() => undefined) },
    { requestTimeout: 50 },
  );
  await expect(client.getAllTags()).rejects.toThrow('get_tags_by_dataset_id took too long.');
});

test('any operation of the contract can be called, with types', async () => {
  const { client } = await start({
    get_quota_maximum_dataset_size: () => '1000000',
    get_docker_runs_count: () => '12',
  });
  await expect(client.call('get_quota_maximum_dataset_size', {})).resolves.toBe('1000000');
  await expect(client.call('get_docker_runs_count', {})).resolves.toBe('12');
});

describe('made from the environment', () => {
  const names = ['LIGHTLY_TOKEN', 'LIGHTLY_SERVER_LOCATION', 'WINNOW_TOKEN', 'WINNOW_API_URL'] as const;
  const before = names.map((name) => [name, process.env[name]] as const);
  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  test.each([
    ['LIGHTLY_TOKEN', 'LIGHTLY_SERVER_LOCATION'],
    ['WINNOW_TOKEN', 'WINNOW_API_URL'],
  ] as const)('%s and %s are enough', async (token, location) => {
    for (const name of names) delete process.env[name];
    world = { ...world, server: await startProtocolServer({ get_dataset_by_id: () => datasetData() }) };
    process.env[token] = TOKEN;
    process.env[location] = `${world.server.url}/`;
    await expect(new ApiWorkflowClient().getDatasetById(DATASET_ID)).resolves.toMatchObject({
      name: 'clothing',
    });
  });

  test('what is missing is named', async () => {
    await start();
    for (const name of names) delete process.env[name];
    expect(() => new ApiWorkflowClient()).toThrow(InvalidConfigurationError);
    expect(() => new ApiWorkflowClient()).toThrow(/LIGHTLY_TOKEN or WINNOW_TOKEN/);
    expect(() => new ApiWorkflowClient({ token: 'one' })).toThrow(
      /LIGHTLY_SERVER_LOCATION or WINNOW_API_URL/,
    );
    expect(() => new ApiWorkflowClient({ token: 'one', serverLocation: 'localhost:3000' })).toThrow(/https/);
  });
});

test('a class can be made of the client that does something in another way', async () => {
  const { server } = await start({ get_tags_by_dataset_id: () => [tagData()] });
  class Louder extends ApiWorkflowClient {
    override async getAllTags() {
      return (await super.getAllTags()).map((tag) => ({ ...tag, name: tag.name.toUpperCase() }));
    }
  }
  const client = new Louder({ token: TOKEN, serverLocation: server.url, datasetId: DATASET_ID });
  await expect(client.getAllTags()).resolves.toMatchObject([{ name: 'INITIAL-TAG' }]);
  expect(client).toBeInstanceOf(ApiWorkflowClient);
});

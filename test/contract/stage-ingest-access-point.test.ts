import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { User } from '#contracts/access';
import type { DatasourceConfig } from '#contracts/datasources';
import { paddedSequencer } from '#contracts/object-event';
import { newLandingDataset } from '#platform/datasets/datasets';
import { changeDatasource } from '#platform/datasources/configuration/change-datasource';
import { changeInputSettings } from '#platform/datasources/configuration/change-input-settings';
import { type StorageServer, startStorageServer } from '../support/aws-servers.ts';
import { collect } from '../support/documents.ts';
import { deliverBody, startIngestStage } from '../support/ingest-stage.ts';
import { FIRST_DELIVERY } from '../support/lambda-invocation.ts';
import { noteListed } from '../support/noted-sync.ts';
import { photo } from '../support/photos.ts';

const POINT = 'arn:aws:s3:eu-central-1:111122223333:accesspoint/photos';
const HOST = 'photos-111122223333.';

let others: StorageServer;
let stage: Awaited<ReturnType<typeof startIngestStage>>;
let accessPoint: Server;
let behind: string;
beforeAll(async () => {
  others = await startStorageServer();
  behind = `behind-${randomUUID()}`;
  await others.s3.send(new CreateBucketCommand({ Bucket: behind }));
  accessPoint = await startAccessPoint();
  const { port } = accessPoint.address() as AddressInfo;
  const client = { endpoint: `http://s3.test:${port}`, requestHandler: { httpAgent: here } };
  stage = await startIngestStage({
    datasourceServers: { s3: { ...others.s3Config, forcePathStyle: false, ...client } },
  });
});
afterAll(async () => {
  accessPoint?.close();
  await stage?.stop();
  await others?.stop();
});

/** The server knows no access points: what is sent to the address of this one is asked of the bucket behind it. */
async function startAccessPoint(): Promise<Server> {
  const { hostname, port } = new URL(others.endpoint);
  const server = createServer((asked, answer) => {
    if (!asked.headers.host?.startsWith(HOST)) return void answer.writeHead(421).end();
    const headers = { ...asked.headers, host: `${hostname}:${port}` };
    const to = { hostname, port, headers, method: asked.method, path: `/${behind}${asked.url}` };
    const forwarded = request(to, (from) => {
      answer.writeHead(from.statusCode ?? 500, from.headers);
      from.pipe(answer);
    });
    asked.pipe(forwarded);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Every name of a host is this machine. */
const here = new Agent({
  lookup: (_, options, found) =>
    options.all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4),
});

/** A dataset through the access point, as its owner connects it. */
async function connected(eventBucket: string): Promise<string> {
  const name = `point-${randomUUID()}`;
  const { datasets, stores, clock, buckets } = stage;
  const made = await datasets.ensure(name, (id) => newLandingDataset(id, name, buckets, clock.now));
  const caller = { id: made.userId, role: 'ADMIN' } as User;
  const deps = {
    ...{ datasets, datasources: stores.datasources, inputBuckets: stores.inputBuckets },
    ...{ datasourceStates: stores.states, syncQueue: { send: async () => {} }, now: () => clock.now },
    delegatedRoles: { claim: async () => caller.id, pass: async () => {} },
    externalIds: { of: async () => 'none' },
  };
  await changeInputSettings({ caller, dataset: made, fields: { eventBucket }, keepsOthers: true }, deps);
  const config: DatasourceConfig = {
    ...{ type: 'S3', purpose: 'INPUT', fullPath: `s3://${POINT}/in`, s3Region: 'eu-central-1' },
    ...{ s3AccessKeyId: 'AKID', s3SecretAccessKey: 'not-a-secret' },
  };
  const dataset = (await datasets.get(made.id))!;
  await changeDatasource({ caller, dataset, config }, deps);
  await noteListed(made.id, clock.now, { datasets, ...stores });
  return made.id;
}

const created = (bucket: string, key: string) =>
  deliverBody(
    JSON.stringify({
      ...{ source: 'winnow' },
      event: {
        ...{ kind: 'created', bucket, key },
        order: { by: 'sequencer', sequencer: paddedSequencer('1') },
      },
    }),
    stage.deps,
    FIRST_DELIVERY,
  );
const filesOf = async (id: string) =>
  (await collect(stage.deps.rawSamples.list(id))).map(({ fileName }) => fileName);

test('an event of the bucket behind an access point has the image read through that', async () => {
  const id = await connected(behind);
  await others.s3.send(new PutObjectCommand({ Bucket: behind, Key: 'in/a.jpg', Body: await photo(1) }));
  await created(behind, 'in/a.jpg');
  expect(await stage.deps.rawSamples.get(id, 'a.jpg')).toMatchObject({
    ...{ state: 'registered', bucket: POINT, key: 'in/a.jpg' },
  });
});

test('whoever names the bucket of somebody else learns nothing of what is in it', async () => {
  const theirs = `theirs-${randomUUID()}`;
  await others.s3.send(new CreateBucketCommand({ Bucket: theirs }));
  const id = await connected(theirs);
  await others.s3.send(new PutObjectCommand({ Bucket: theirs, Key: 'in/secret.jpg', Body: await photo(2) }));
  await created(theirs, 'in/secret.jpg');
  expect(await filesOf(id)).toEqual([]);
  expect(await collect(stage.stores.heldEvents.list(id))).toEqual([]);
  expect(await stage.stores.states.get(id)).not.toHaveProperty('problem');
});

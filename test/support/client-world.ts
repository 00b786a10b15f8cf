import type { DatasetData, DockerRunData, TagData } from '#contracts/protocol/types.gen';
import { ApiWorkflowClient, type ClientOptions } from '../../client/index.ts';
import { type ProtocolServer, startProtocolServer, TOKEN } from './protocol-server.ts';

export const DATASET_ID = 'd'.repeat(24);
export const TAG_ID = 'a'.repeat(24);
export const NOW = Date.UTC(2026, 0, 31, 9, 5, 7);

/** Ids of the protocol: `objectId(3)` ends in 3. */
export const objectId = (number: number): string => number.toString(16).padStart(24, '0');

/** A client and the server that it talks to. It does not wait: how long it would have is in `waits`. */
export async function startClientWorld(
  handlers: Parameters<typeof startProtocolServer>[0] = {},
  options: ClientOptions = {},
) {
  const server: ProtocolServer = await startProtocolServer(handlers);
  const waits: number[] = [];
  const warnings: string[] = [];
  const client = new ApiWorkflowClient({
    token: TOKEN,
    serverLocation: server.url,
    datasetId: DATASET_ID,
    sleep: async (milliseconds, signal) => {
      waits.push(milliseconds);
      signal?.throwIfAborted();
    },
    now: () => NOW,
    onWarning: (message) => void warnings.push(message),
    ...options,
  });
  return { server, client, waits, warnings };
}
export type ClientWorld = Awaited<ReturnType<typeof startClientWorld>>;

export const datasetData = (changes: Partial<DatasetData> = {}): DatasetData => ({
  id: DATASET_ID,
  name: 'clothing',
  userId: 'user',
  type: 'Images',
  imgType: 'full',
  nSamples: 0,
  sizeInBytes: 0,
  createdAt: 1,
  lastModifiedAt: 1,
  ...changes,
});

export const tagData = (changes: Partial<TagData> = {}): TagData => ({
  id: TAG_ID,
  datasetId: DATASET_ID,
  prevTagId: null,
  name: 'initial-tag',
  bitMaskData: '0x7',
  totSize: 3,
  createdAt: 1,
  ...changes,
});

export const runData = (changes: Partial<DockerRunData> = {}): DockerRunData => ({
  id: objectId(1),
  userId: 'user',
  dockerVersion: '3.0.0',
  state: 'STARTED',
  createdAt: 1,
  lastModifiedAt: 1,
  ...changes,
});

/** Serves rows in pages, as the server does. */
export const pageOf = <Row>(rows: readonly Row[], { pageSize = 5000, pageOffset = 0 }: PageQuery): Row[] =>
  rows.slice(pageOffset, pageOffset + pageSize);

interface PageQuery {
  readonly pageSize?: number;
  readonly pageOffset?: number;
}

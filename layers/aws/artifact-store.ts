import { type Artifact, artifact } from '#contracts/items';
import { ARTIFACT_SORT_PREFIX, artifactKey, runKey } from '#contracts/table-keys';
import type { ArtifactStore } from '#platform/runs/runs';
import { itemCodec } from './stored-item.ts';
import { putItem, type Table } from './table.ts';
import { decodedItems, readPages, withPrefix } from './table-reads.ts';

const codec = itemCodec<Artifact>('artifact', artifact);

/** Artifacts in the table, in the partition of their run, by file name. */
export function artifactStore(table: Table): ArtifactStore {
  return {
    put: async (written) =>
      putItem(table, codec.encode(written, artifactKey(written.runId, written.fileName))),
    list: async (runId) => {
      const range = { partition: runKey(runId).pk, ...withPrefix(ARTIFACT_SORT_PREFIX) };
      return Array.fromAsync(decodedItems(codec, readPages(table, range)));
    },
  };
}

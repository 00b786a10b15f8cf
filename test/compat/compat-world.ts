import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { type CreateTokenRequest, createdToken } from '#contracts/tokens';
import type { Connection } from '../../local/local-cloud.ts';
import { OWN_ENDPOINTS_ONLY } from '../../local/tables.ts';
import { startFlow } from '../support/flow.ts';
import { FOREIGN_BUCKET, fillForeignBucket, LIGHTLY_ROLE } from './foreign-bucket.ts';
import { drawPhotos, landingDatasets } from './landing-datasets.ts';

/** The pipeline on this machine, with what chapters ask for: datasets with photos, colleagues, a bucket elsewhere. */
export async function startCompatWorld(log?: (text: string) => void) {
  const scratch = mkdtempSync(join(tmpdir(), 'winnow-compat-'));
  const flow = await startFlow({
    foreignRoles: [LIGHTLY_ROLE],
    foreignBuckets: [FOREIGN_BUCKET],
    ...(log && { log: ({ stage, text }) => log(`${stage.padEnd(9)} ${text}`) }),
  });
  const { connection } = flow.cloud;
  const s3 = s3Client(connection);
  const photosFolder = join(scratch, 'photos');
  const photos = await drawPhotos(photosFolder);
  return {
    apiUrl: connection.apiUrl,
    token: connection.token,
    /** Folder with the photos of every dataset, by file name. */
    photosFolder,
    /** Folder for what chapters write; removed at the end. */
    scratch,
    ...landingDatasets({ flow, s3, photos }),
    /** @returns the token of a new member of the team with this e-mail */
    colleague: (email: string) => memberToken(connection, email),
    /** @returns what the chapter on delegated access takes */
    foreignBucket: () => fillForeignBucket(s3, connection, photos, join(scratch, 'camera')),
    close: async () => {
      s3.destroy();
      await flow.close();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}
export type CompatWorld = Awaited<ReturnType<typeof startCompatWorld>>;

const s3Client = ({ region, accessKeyId, secretAccessKey, endpoints }: Connection): S3Client =>
  new S3Client({
    region,
    credentials: { accessKeyId, secretAccessKey },
    endpoint: endpoints.s3,
    forcePathStyle: true,
    // Whoever writes to a signed URL sends no checksum.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    ...OWN_ENDPOINTS_ONLY,
  });

async function memberToken({ apiUrl, token }: Connection, email: string): Promise<string> {
  const request: CreateTokenRequest = { name: 'compatibility', email, role: 'MEMBER' };
  const response = await fetch(new URL('winnow/v1/tokens', apiUrl), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  if (!response.ok) throw new Error(`No token for a colleague: ${response.status} ${await response.text()}`);
  return createdToken.parse(await response.json()).token;
}

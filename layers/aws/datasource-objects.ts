import { DeleteObjectCommand, PutObjectCommand, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import { DatasourceError, RetryableError } from '#contracts/errors';
import type {
  PutOptions,
  ReadableDatasource,
  WritableDatasource,
} from '#platform/datasources/datasource-objects';
import type { DatasourceClient } from './datasource-client.ts';
import { s3Reads } from './datasource-reads.ts';
import { type DatasourceRequests, datasourceRequests } from './datasource-requests.ts';
import type { S3Datasource } from './s3-datasource.ts';
import { statusOf } from './service-errors.ts';

export type { DatasourceClient } from './datasource-client.ts';

/** The files of a datasource in S3. What is returned can't write. @param now ms */
export const s3ReadableDatasource = (
  datasource: S3Datasource,
  client: DatasourceClient,
  now: () => number,
): ReadableDatasource => s3Reads(datasourceRequests(datasource, client, now), now);

/** The files of a datasource in S3, to be written too. @param now ms */
export function s3DatasourceObjects(
  datasource: S3Datasource,
  client: DatasourceClient,
  now: () => number,
): WritableDatasource {
  const requests = datasourceRequests(datasource, client, now);
  const { ask, sign, target, isAws } = requests;
  const { config } = datasource;
  const encryption = !('s3ServerSideEncryptionKMSKey' in config)
    ? {}
    : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: config.s3ServerSideEncryptionKMSKey };
  const put = putterOf(requests);
  const putOf = (name: string, Body: Uint8Array | string, { contentType, metadata }: PutOptions) => ({
    ...{ ...target(name), ...encryption, Body, ContentType: contentType },
    ...(metadata && { Metadata: { ...metadata } }),
  });
  const reads = s3Reads(requests, now);
  return {
    ...reads,
    put: async (name, body, options) => put(putOf(name, body, options)),
    putIfAbsent: async (name, body, options) => {
      // Some stores that speak S3 know no such condition, and would write all the same.
      if (!isAws && (await reads.head(name))) return false;
      try {
        await put({ ...putOf(name, body, options), IfNoneMatch: '*' });
        return true;
      } catch (error) {
        if (statusOf(error) === 412) return false;
        // Another write of this key is under way, and whether it stays is not told.
        if (statusOf(error) !== 409) throw error;
        throw new RetryableError('CONFLICT', `'${name}' is being written by others.`, { cause: error });
      }
    },
    delete: async (name) => {
      await ask('s3:DeleteObject', (client) => client.send(new DeleteObjectCommand(target(name))));
    },
    signWrite: (name, seconds) => sign(new PutObjectCommand({ ...target(name), ...encryption }), seconds),
  };
}

/**
 * Puts objects. Where a bucket of another account still has ACLs, its policy may take none whose owner it does not become:
 * the ACL that says so is sent once a put without it was denied, because it takes a permission of its own to send one.
 */
function putterOf({ ask, datasource }: DatasourceRequests): (input: PutObjectCommandInput) => Promise<void> {
  let acl: Pick<PutObjectCommandInput, 'ACL'> = {};
  const send = async (input: PutObjectCommandInput) => {
    await ask('s3:PutObject', (client) => client.send(new PutObjectCommand(input)));
  };
  return async (input) => {
    try {
      await send({ ...input, ...acl });
    } catch (error) {
      const isDenied = error instanceof DatasourceError && error.problem.code === 'DENIED';
      if (!isDenied || acl.ACL || datasource.config.type !== 'S3') throw error;
      const given = { ACL: 'bucket-owner-full-control' as const };
      await send({ ...input, ...given }).catch((second: unknown) => {
        throw statusOf(second) === 412 ? second : error;
      });
      acl = given;
    }
  };
}

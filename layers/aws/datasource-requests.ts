import {
  type GetObjectCommand,
  type HeadObjectCommand,
  ListObjectsV2Command,
  type PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { DatasourceError } from '#contracts/errors';
import { RESERVED_FOLDER } from '#contracts/s3-keys';
import { accessFieldOf } from '#platform/datasources/datasources';
import { s3ResourcesOf } from '#platform/datasources/s3-resources';
import { namedServerOf, STORE_TRAITS } from '#platform/datasources/store-traits';
import { type DatasourceClient, type LastingClient, lastingClient } from './datasource-client.ts';
import { askDatasource, askOwnBucket } from './datasource-errors.ts';
import type { S3Datasource } from './s3-datasource.ts';
import { askService, statusOf } from './service-errors.ts';

/** On which terms each request is made: who pays for it, and whose the bucket has to be. */
export interface RequestTerms {
  readonly RequestPayer?: 'requester';
  readonly ExpectedBucketOwner?: string;
}

/** How requests to the bucket of one datasource are made, and what their refusals mean. */
export interface DatasourceRequests {
  readonly datasource: S3Datasource;
  readonly terms: RequestTerms;
  /** True for S3 itself, which knows what other stores that speak its protocol may not. */
  readonly isAws: boolean;
  /** The client that requests are made with now. */
  client(): Promise<S3Client>;
  /** The object of a name. */
  target(name: string): { readonly Bucket: string; readonly Key: string } & RequestTerms;
  /** @throws what {@link askDatasource} does; of Winnow's own buckets what {@link askService} does */
  ask<T>(action: string, request: (client: S3Client) => Promise<T>): Promise<T>;
  /** The same, where the caller knows what a refusal means. Throws what S3 answered. */
  tryOut<T>(request: (client: S3Client) => Promise<T>): Promise<T>;
  /** The error of an action that was refused as all of them are. */
  refusal(action: string, cause: unknown): Promise<unknown>;
  sign(command: GetObjectCommand | HeadObjectCommand | PutObjectCommand, seconds: number): Promise<string>;
}

/** @param now ms */
export function datasourceRequests(
  datasource: S3Datasource,
  client: DatasourceClient,
  now: () => number,
): DatasourceRequests {
  const { place, access } = datasource;
  const lasting = lastingClient(client, now);
  const terms: RequestTerms = {
    ...(access.requesterPays && { RequestPayer: 'requester' as const }),
    ...(access.bucketOwner !== undefined && { ExpectedBucketOwner: access.bucketOwner }),
  };
  const ask = askWith(lasting, datasource, terms);
  return {
    datasource,
    terms,
    isAws: namedServerOf(datasource) === undefined,
    client: async () => (await lasting.current()).client,
    target: (name) => ({ Bucket: place.bucket, Key: place.prefix + name, ...terms }),
    ask,
    tryOut: lasting.ask,
    refusal: (action, cause) =>
      ask(action, () => Promise.reject(cause)).then(
        () => cause,
        (error: unknown) => error,
      ),
    sign: signWith(lasting, place.bucket, now),
  };
}

function askWith(
  lasting: LastingClient,
  datasource: S3Datasource,
  terms: RequestTerms,
): DatasourceRequests['ask'] {
  const { place, config, access } = datasource;
  return async (action, request) => {
    if (config.type === 'LIGHTLY') {
      // What is amiss with Winnow's own buckets is not the caller's to put right.
      return askOwnBucket({ operation: action, resource: place.bucket }, () => lasting.ask(request));
    }
    const about = { action, resource: resourceOf(datasource, action) };
    try {
      return await askDatasource(datasource, about, () => lasting.ask(request));
    } catch (error) {
      const { bucketOwner } = access;
      const isDenied = error instanceof DatasourceError && error.problem.code === 'DENIED';
      if (!isDenied || bucketOwner === undefined) throw error;
      throw await askedForOwner(error, { ask: lasting.ask, datasource, terms, bucketOwner });
    }
  };
}

/** No URL outlives the credentials that sign it. */
function signWith(lasting: LastingClient, bucket: string, now: () => number): DatasourceRequests['sign'] {
  return async (command, seconds) => {
    const current = await lasting.current();
    const left = Math.floor(((current.expiresAt ?? Number.POSITIVE_INFINITY) - now()) / 1000);
    const expiresIn = Math.max(1, Math.min(seconds, left));
    return askService({ operation: 'GetCredentials', resource: bucket }, () =>
      getSignedUrl(current.client, command, { expiresIn }),
    );
  };
}

/** What a request was about, as policies call it; as its owner does, where it is not on AWS. */
function resourceOf(datasource: S3Datasource, action: string): string {
  const { config, place } = datasource;
  const { actions } = STORE_TRAITS.S3;
  const onBucket = action === actions.list;
  const isWriting = action === actions.write || action === actions.delete;
  const folder = place.prefix + (isWriting ? RESERVED_FOLDER : '');
  const endpoint = namedServerOf(datasource);
  if (endpoint !== undefined) {
    const bucket = `${endpoint.replace(/\/+$/, '')}/${place.bucket}`;
    return onBucket ? bucket : `${bucket}/${folder}*`;
  }
  const { bucket, objects } = s3ResourcesOf(place, 's3Region' in config ? config.s3Region : '', folder);
  return onBucket ? bucket : objects;
}

/**
 * S3 refuses a request to a bucket of another owner as if a policy forbade it. What a listing of one name answers without
 * naming an owner, and then with it, tells the two apart, to those who may list.
 *
 * @returns what the denial means
 */
async function askedForOwner(
  denial: DatasourceError,
  about: Pick<LastingClient, 'ask'> & {
    readonly datasource: S3Datasource;
    readonly terms: RequestTerms;
    readonly bucketOwner: string;
  },
): Promise<DatasourceError> {
  const { datasource, bucketOwner } = about;
  const { place } = datasource;
  const setting = accessFieldOf(datasource, 'bucketOwner');
  const { ExpectedBucketOwner: _, ...others } = about.terms;
  const answerWith = (terms: RequestTerms) =>
    about
      .ask((client) =>
        client.send(
          new ListObjectsV2Command({ Bucket: place.bucket, Prefix: place.prefix, MaxKeys: 1, ...terms }),
        ),
      )
      .then(
        () => 200,
        (error: unknown) => statusOf(error),
      );
  const options = { cause: denial.cause };
  if ((await answerWith(others)) !== 200) {
    const doubt =
      `${denial.message} Or the bucket belongs to another account than ${bucketOwner} (${setting} of the ` +
      'dataset), which only s3:ListBucket tells apart.';
    return new DatasourceError(doubt, denial.problem, options);
  }
  if ((await answerWith(about.terms)) !== 403) return denial;
  return new DatasourceError(
    `The bucket of ${denial.problem.resource} does not belong to the account ${bucketOwner}, which ${setting} ` +
      'of the dataset names. Correct it, or fullPath.',
    { ...denial.problem, code: 'OTHER_OWNER', scope: 'datasource' },
    options,
  );
}

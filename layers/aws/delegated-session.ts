import { AssumeRoleCommand, type Credentials, type STSClient } from '@aws-sdk/client-sts';
import type { DatasourceConfigOf } from '#contracts/datasources';
import { DatasourceError } from '#contracts/errors';
import type { Datasource } from '#platform/datasources/datasources';
import { type Partition, partitionOf, partsOfArn } from '#platform/datasources/regions';
import { isAccessPoint } from '#platform/datasources/s3-resources';
import { askService, errorNameOf, statusOf } from './service-errors.ts';
import { LONGEST_SESSION_POLICY, sessionPolicy } from './session-policy.ts';

/** The most that AWS gives a session which is started by a session, as that of a Lambda is. */
const SESSION_SECONDS = 3600;
/** The shortest there is. */
const PROBE_SECONDS = 900;

/** A role of another account, as a datasource names it. */
export type DelegatedDatasource = Datasource & {
  readonly config: DatasourceConfigOf<'S3DelegatedAccess'>;
};

export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/**
 * A session of the role that a datasource names, narrowed to what the datasource needs, for an hour.
 *
 * A role that can be assumed without its external ID is refused: anybody who knows its name, and has Winnow assume
 * roles for them, could read the bucket (the confused deputy).
 *
 * @throws DatasourceError that says what to change in the role
 */
export async function delegatedSession(
  sts: STSClient,
  { id, use, config, place }: DelegatedDatasource,
): Promise<SessionCredentials> {
  const Policy = sessionPolicy(place, use, config.s3Region);
  if (Policy.length > LONGEST_SESSION_POLICY) throw pathTooLong(config.s3ARN);
  const request = { RoleArn: config.s3ARN, RoleSessionName: `winnow-${id}`, Policy };
  const asked = { ...request, ExternalId: config.s3ExternalId, DurationSeconds: SESSION_SECONDS };
  const [session, isOpenToAll] = await Promise.all([
    assumeRole(sts, asked),
    assumeRole(sts, { ...request, DurationSeconds: PROBE_SECONDS }).then((probe) => probe !== 'denied'),
  ]);
  if (session === 'denied') {
    throw refused(
      'ROLE_NOT_ASSUMABLE',
      config.s3ARN,
      `The role ${config.s3ARN} can't be assumed. Its trust policy must allow sts:AssumeRole to the role of ` +
        "Winnow's functions, on the condition that sts:ExternalId is the external ID of the datasource.",
    );
  }
  if (isOpenToAll) {
    throw refused(
      'ROLE_WITHOUT_EXTERNAL_ID',
      config.s3ARN,
      `The role ${config.s3ARN} can be assumed without an external ID. Add the condition that sts:ExternalId is ` +
        'the external ID of the datasource to its trust policy.',
    );
  }
  return session;
}

/**
 * Partitions of AWS have no trust in each other.
 *
 * @param own of the deployment
 * @throws DatasourceError where role, region and access point are not all in it
 */
export function checkPartition({ config, place }: DelegatedDatasource, own: Partition): void {
  const others = [
    { what: `the role ${config.s3ARN}`, partition: partsOfArn(config.s3ARN).partition },
    { what: `the region ${config.s3Region}`, partition: partitionOf(config.s3Region) },
    ...(isAccessPoint(place.bucket)
      ? [{ what: `the access point ${place.bucket}`, partition: partsOfArn(place.bucket).partition }]
      : []),
  ].filter(({ partition }) => partition !== own);
  const [other] = others;
  if (!other) return;
  throw refused(
    'MISCONFIGURED',
    config.s3ARN,
    `Winnow is deployed in the partition ${own} of AWS, and ${other.what} is in ${other.partition}. No role can be ` +
      'assumed from one partition in another: use an access key (type S3), or deploy Winnow there.',
  );
}

const refused = (
  code: DatasourceError['problem']['code'],
  resource: string,
  reason: string,
): DatasourceError =>
  new DatasourceError(reason, { code, scope: 'datasource', action: 'sts:AssumeRole', resource });

const pathTooLong = (role: string): DatasourceError =>
  refused('MISCONFIGURED', role, 'fullPath of the datasource is too long for a role. Use a shorter path.');

/** What STS finds wrong with the texts of a request, whoever it comes from. */
const NOT_TAKEN = new Set(['ValidationError', 'ValidationException', 'InvalidParameterValue']);

type AssumeRole = ConstructorParameters<typeof AssumeRoleCommand>[0];

async function assumeRole(sts: STSClient, request: AssumeRole): Promise<SessionCredentials | 'denied'> {
  try {
    const { Credentials } = await sts.send(new AssumeRoleCommand(request));
    return credentialsOf(Credentials);
  } catch (error) {
    if (statusOf(error) === 403 || errorNameOf(error) === 'AccessDenied') return 'denied';
    const role = request.RoleArn ?? '';
    const name = errorNameOf(error) ?? '';
    if (name === 'PackedPolicyTooLarge' || name === 'PackedPolicyTooLargeException') throw pathTooLong(role);
    if (NOT_TAKEN.has(name)) {
      const reason = `AWS does not take ${role} with this external ID for a role. Correct s3ARN and s3ExternalId.`;
      throw refused('MISCONFIGURED', role, reason);
    }
    const service = { operation: 'AssumeRole', resource: role };
    return askService(service, () => Promise.reject(error));
  }
}

function credentialsOf(credentials: Credentials | undefined): SessionCredentials {
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '', Expiration } = credentials ?? {};
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiration: Expiration ?? new Date(0),
  };
}

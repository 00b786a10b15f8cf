import { randomBytes } from 'node:crypto';
import { AssumeRoleCommand, type Credentials, type STSClient } from '@aws-sdk/client-sts';
import type { DatasourceConfigOf } from '#contracts/datasources';
import { DatasourceError, RetryableError } from '#contracts/errors';
import type { Datasource } from '#platform/datasources/datasources';
import { otherPartition } from '#platform/datasources/partitions';
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
 * A role that can be assumed without its external ID, or with another one, is refused: anybody who knows its name, and has
 * Winnow assume roles for them, could read the bucket (the confused deputy).
 *
 * @throws DatasourceError that says what to change in the role; RetryableError for what is Winnow's own trouble
 */
export async function delegatedSession(
  sts: STSClient,
  { id, use, config, place }: DelegatedDatasource,
): Promise<SessionCredentials> {
  const Policy = sessionPolicy(place, use, config.s3Region);
  if (Policy.length > LONGEST_SESSION_POLICY) throw pathTooLong(config.s3ARN);
  const request = { RoleArn: config.s3ARN, RoleSessionName: `winnow-${id}`, Policy };
  const asked = { ...request, ExternalId: config.s3ExternalId, DurationSeconds: SESSION_SECONDS };
  const probe = { ...request, DurationSeconds: PROBE_SECONDS };
  const isDenied = async (tried: AssumeRole) => (await assumeRole(sts, tried)) === 'denied';
  const [session, needsSome, needsThis] = await Promise.all([
    assumeRole(sts, asked),
    isDenied(probe),
    isDenied({ ...probe, ExternalId: anotherId(config.s3ExternalId) }),
  ]);
  if (session === 'denied') {
    throw refused(
      'ROLE_NOT_ASSUMABLE',
      config.s3ARN,
      `The role ${config.s3ARN} can't be assumed. Its trust policy must allow sts:AssumeRole to the role of ` +
        "Winnow's functions, on the condition that sts:ExternalId is the external ID of the datasource.",
    );
  }
  if (!needsSome || !needsThis) {
    throw refused(
      'ROLE_WITHOUT_EXTERNAL_ID',
      config.s3ARN,
      `The role ${config.s3ARN} can be assumed ${needsSome ? 'with other external IDs' : 'without an external ID'}. ` +
        'Its trust policy needs the condition that sts:ExternalId is the external ID of the datasource (StringEquals, ' +
        'without *).',
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
  const other = otherPartition(own, [
    { what: `the role ${config.s3ARN}`, partition: partsOfArn(config.s3ARN).partition },
    { what: `the region ${config.s3Region}`, partition: partitionOf(config.s3Region) },
    ...(isAccessPoint(place.bucket)
      ? [{ what: `the access point ${place.bucket}`, partition: partsOfArn(place.bucket).partition }]
      : []),
  ]);
  if (other !== undefined) throw refused('MISCONFIGURED', config.s3ARN, other);
}

/** One that another dataset or user could have: it begins in the same way, for a pattern may name how IDs begin. */
const anotherId = (externalId: string): string => externalId.slice(0, 7) + randomBytes(20).toString('hex');

const refused = (
  code: DatasourceError['problem']['code'],
  resource: string,
  reason: string,
): DatasourceError =>
  new DatasourceError(reason, { code, scope: 'datasource', action: 'sts:AssumeRole', resource });

const pathTooLong = (role: string): DatasourceError =>
  refused('MISCONFIGURED', role, 'fullPath of the datasource is too long for a role. Use a shorter path.');

const regionDisabled = (role: string, region: string): DatasourceError =>
  refused(
    'MISCONFIGURED',
    role,
    `STS is not active in ${region} for the account ${partsOfArn(role).account} of the role ${role}. Activate it there: ` +
      'in IAM, under Account settings, or by enabling the region.',
  );

/** What STS finds wrong with the texts of a request, whoever it comes from. */
const NOT_TAKEN = new Set(['ValidationError', 'ValidationException', 'InvalidParameterValue']);

type AssumeRole = ConstructorParameters<typeof AssumeRoleCommand>[0];

async function assumeRole(sts: STSClient, request: AssumeRole): Promise<SessionCredentials | 'denied'> {
  try {
    const { Credentials } = await sts.send(new AssumeRoleCommand(request));
    return credentialsOf(Credentials);
  } catch (error) {
    const name = errorNameOf(error) ?? '';
    if (name === 'AccessDenied') return 'denied';
    const role = request.RoleArn ?? '';
    if (name === 'RegionDisabledException') throw regionDisabled(role, await sts.config.region());
    if (name === 'PackedPolicyTooLarge' || name === 'PackedPolicyTooLargeException') throw pathTooLong(role);
    if (NOT_TAKEN.has(name)) {
      const reason = `AWS does not take ${role} with this external ID for a role. Correct s3ARN and s3ExternalId.`;
      throw refused('MISCONFIGURED', role, reason);
    }
    if (statusOf(error) === 403) {
      // No word of the role: what Winnow signs with has ended, or is not known yet.
      const reason = `AssumeRole on '${role}' was not taken from Winnow (${name}).`;
      throw new RetryableError('SERVICE_UNAVAILABLE', reason, { cause: error });
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

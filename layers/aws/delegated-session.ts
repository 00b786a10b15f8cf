import { AssumeRoleCommand, type Credentials, type STSClient } from '@aws-sdk/client-sts';
import type { DatasourceConfigOf } from '#contracts/datasources';
import { DatasourceError } from '#contracts/errors';
import type { Datasource } from '#platform/datasources/datasources';
import { askService, errorNameOf, statusOf } from './service-errors.ts';
import { sessionPolicy } from './session-policy.ts';

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
  const request = {
    RoleArn: config.s3ARN,
    RoleSessionName: `winnow-${id}`,
    Policy: sessionPolicy(place, use, config.s3Region),
  };
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

const refused = (
  code: DatasourceError['problem']['code'],
  resource: string,
  reason: string,
): DatasourceError =>
  new DatasourceError(reason, { code, scope: 'datasource', action: 'sts:AssumeRole', resource });

type AssumeRole = ConstructorParameters<typeof AssumeRoleCommand>[0];

async function assumeRole(sts: STSClient, request: AssumeRole): Promise<SessionCredentials | 'denied'> {
  try {
    const { Credentials } = await sts.send(new AssumeRoleCommand(request));
    return credentialsOf(Credentials);
  } catch (error) {
    if (statusOf(error) === 403 || errorNameOf(error) === 'AccessDenied') return 'denied';
    if (errorNameOf(error) === 'PackedPolicyTooLarge') {
      throw refused(
        'MISCONFIGURED',
        request.RoleArn ?? '',
        'fullPath of the datasource is too long for a role. Use a shorter path.',
      );
    }
    const service = { operation: 'AssumeRole', resource: request.RoleArn ?? '' };
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

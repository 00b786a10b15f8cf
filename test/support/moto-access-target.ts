import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { type AccessTarget, type TargetRole, trustOf } from './access-target.ts';

const ACCOUNT = '123456789012';
const REGION = 'us-east-1';
const arnOf = (kind: 'role' | 'user', name: string) => `arn:aws:iam::${ACCOUNT}:${kind}/${name}`;
/** Every number of requests is smaller. */
const FOR_EVER = 1_000_000_000;

/**
 * moto's server, which checks signatures and the permissions of identities from now on. It knows no more than that of
 * access: neither policies of sessions and buckets, nor that sessions end.
 *
 * @param endpoint where it listens
 */
export async function openMotoTarget(endpoint: string): Promise<AccessTarget> {
  const administration = administrationOf(endpoint);
  const { newUser, setRole, deleteRole } = administration;
  const common = { region: REGION, endpoint };
  const ownerKeys = await newUser('owner', 's3:*');
  const owner = new S3Client({ ...common, forcePathStyle: true, credentials: ownerKeys });
  const winnow = { ...common, credentials: await newUser('winnow', 'sts:AssumeRole') };
  return {
    region: REGION,
    servers: { s3: { ...winnow, forcePathStyle: true }, sts: winnow },
    owner,
    setBucket: async ({ name, versioned }) => {
      await owner.send(new CreateBucketCommand({ Bucket: name }));
      if (!versioned) return;
      const VersioningConfiguration = { Status: 'Enabled' } as const;
      await owner.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration }));
    },
    roleArn: (name) => arnOf('role', name),
    setRole,
    deleteRole,
    close: async () => owner.destroy(),
  };
}

/** What the account's administrator does: with checks off, for moto has nobody at first who may do anything. */
function administrationOf(endpoint: string) {
  const unchecked = async <T>(work: () => Promise<T>): Promise<T> => {
    await post(`${endpoint}/moto-api/reset-auth`, String(FOR_EVER));
    try {
      return await work();
    } finally {
      await post(`${endpoint}/moto-api/reset-auth`, '0');
    }
  };
  const iam = (Action: string, parameters: Readonly<Record<string, string>>): Promise<string> =>
    post(endpoint, new URLSearchParams({ Action, Version: '2010-05-08', ...parameters }));
  const policy = (Statement: unknown) => JSON.stringify({ Version: '2012-10-17', Statement });
  return {
    newUser: (UserName: string, action: string) =>
      unchecked(async () => {
        await iam('CreateUser', { UserName });
        const statement = { Effect: 'Allow', Action: action, Resource: '*' };
        await iam('PutUserPolicy', { UserName, PolicyName: 'own', PolicyDocument: policy(statement) });
        const made = await iam('CreateAccessKey', { UserName });
        const field = (name: string) => new RegExp(`<${name}>([^<]+)<`).exec(made)?.[1] ?? '';
        return { accessKeyId: field('AccessKeyId'), secretAccessKey: field('SecretAccessKey') };
      }),
    setRole: (role: TargetRole) =>
      unchecked(async () => {
        const RoleName = role.name;
        const trust = policy(trustOf(role, arnOf('user', 'winnow')));
        await iam('CreateRole', { RoleName, AssumeRolePolicyDocument: trust }).catch(() =>
          iam('UpdateAssumeRolePolicy', { RoleName, PolicyDocument: trust }),
        );
        const PolicyDocument = policy(role.statements);
        await iam('PutRolePolicy', { RoleName, PolicyName: 'own', PolicyDocument });
      }),
    deleteRole: (RoleName: string) =>
      unchecked(async () => {
        await iam('DeleteRolePolicy', { RoleName, PolicyName: 'own' });
        await iam('DeleteRole', { RoleName });
      }),
  };
}

async function post(url: string, body: URLSearchParams | string): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    // moto tells services apart by the scope of the signature, which it does not look at while checks are off.
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=nobody/20260101/${REGION}/iam/aws4_request, SignedHeaders=host, Signature=0`,
    },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`moto answered ${response.status}: ${text.slice(0, 300)}`);
  return text;
}

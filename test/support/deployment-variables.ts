import type { StorageServer, TableServer } from './aws-servers.ts';

/** Variables by which a command finds the table and the buckets of a deployment, as the README has them. */
export async function deploymentVariables(
  { table }: TableServer,
  storage?: StorageServer,
): Promise<NodeJS.ProcessEnv> {
  const tables = await table.client.config.endpoint?.();
  const objects = await storage?.s3.config.endpoint?.();
  return {
    WINNOW_TABLE: table.name,
    WINNOW_LANDING_BUCKET: 'landing-bucket',
    WINNOW_PLATFORM_BUCKET: storage?.bucket ?? 'platform-bucket',
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${tables?.port}`,
    ...(objects && { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${objects.port}` }),
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIDCONTRACTTEST',
    AWS_SECRET_ACCESS_KEY: 'not-a-secret',
  };
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { datasourceConnections } from '#aws/datasource-connections';
import { RetryableError } from '#contracts/errors';
import { policyDocument } from '../../local/access-policy.ts';
import type { LocalCloud } from '../../local/local-cloud.ts';
import { byRole, datasourceAt, lentRole, serversOf } from '../support/foreign-datasources.ts';
import { clientsOf, startFixture } from '../support/local-stack.ts';

/** Whom a role of another account trusts, and what is no word of it. */
let cloud: LocalCloud;
const BUCKET = 'their-images';

beforeAll(async () => {
  cloud = await startFixture({ foreignRoles: [lentRole()], foreignBuckets: [BUCKET] });
  const object = { Bucket: BUCKET, Key: 'in/a.png', Body: 'in/a.png' };
  await clientsOf(cloud).s3.send(new PutObjectCommand(object));
});
afterAll(() => cloud.close());

const connections = () => datasourceConnections(serversOf(cloud));
const input = (change: Parameters<typeof byRole>[1] = {}) =>
  datasourceAt('INPUT', byRole(`s3://${BUCKET}/in/`, change));

/** An external ID as Winnow issues them. */
const ISSUED = `winnow-${'0123456789'.repeat(4)}`;
/** A role whose trust policy takes the external IDs that fit. */
const trusting = (pattern: string) =>
  cloud.foreignRoles.set({
    ...lentRole(),
    trust: policyDocument.parse({
      Statement: {
        ...{ Effect: 'Allow', Action: 'sts:AssumeRole' },
        Principal: { AWS: 'arn:aws:iam::000000000000:root' },
        Condition: { StringLike: { 'sts:ExternalId': pattern } },
      },
    }),
  });

describe('a role that takes more than one external ID', () => {
  test.each([
    ['*', ISSUED],
    ['winnow-*', ISSUED],
    [`winnow-${'?'.repeat(40)}`, ISSUED],
    ['agreed-*', 'agreed-external-id'],
  ])('as %s is refused: another user could have Winnow assume it', async (pattern, s3ExternalId) => {
    trusting(pattern);
    const refused = connections().open(input({ s3ExternalId }));
    await expect(refused).rejects.toMatchObject({
      problem: { code: 'ROLE_WITHOUT_EXTERNAL_ID', scope: 'datasource' },
      message: expect.stringContaining('with other external IDs'),
    });
    trusting(s3ExternalId);
    const objects = await connections().open(input({ s3ExternalId }));
    expect(await objects.head('a.png')).toMatchObject({ size: 8 });
  });
});

describe('STS', () => {
  /** What comes of a session where STS refuses in these words. */
  async function refusedBySts(code: string): Promise<unknown> {
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(403, { 'content-type': 'text/xml' });
      response.end(
        `<ErrorResponse><Error><Code>${code}</Code><Message>No.</Message></Error></ErrorResponse>`,
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { s3 = {}, sts = {} } = serversOf(cloud);
    const opened = datasourceConnections({ s3, sts: { ...sts, endpoint, region: 'eu-south-2' } }).open(
      input(),
    );
    const error = await opened.catch((thrown: unknown) => thrown);
    server.closeAllConnections();
    server.close();
    return error;
  }

  test('that is not active in a region is told of, with the region and the account', async () => {
    const error = await refusedBySts('RegionDisabledException');
    expect(error).toMatchObject({ problem: { code: 'MISCONFIGURED', action: 'sts:AssumeRole' } });
    expect(String(error)).toMatch(/STS is not active in eu-south-2 for the account 000000000000 /);
  });

  test.each(['ExpiredToken', 'InvalidClientTokenId', 'SignatureDoesNotMatch'])(
    'that does not know Winnow (%s) says nothing of the role: that passes',
    async (code) => {
      const error = await refusedBySts(code);
      expect(error).toBeInstanceOf(RetryableError);
      expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', message: expect.stringContaining(code) });
    },
  );

  test('that denies is taken at its word', async () => {
    expect(await refusedBySts('AccessDenied')).toMatchObject({ problem: { code: 'ROLE_NOT_ASSUMABLE' } });
  });
});

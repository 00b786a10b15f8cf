import { appendFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { expect } from '@jest/globals';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { User } from '#contracts/access';
import {
  type BodyOf,
  type JsonSchema,
  type OperationId,
  type PathOf,
  PROTOCOL_OPERATIONS,
  PROTOCOL_SCHEMAS,
  type QueryOf,
  type ResponseOf,
} from '#contracts/protocol/operations';
import type { ApiErrorResponse } from '#contracts/protocol/types.gen';
import { newObjectId } from '#contracts/schema';
import { tokenHash } from '#platform/access/authenticate';
import { answerRequests } from '#runtime/http-stage';
import type { StoreServers } from '#stores/store-connections';
import { type ApiDeps, apiDeps } from '../../functions/api/api-deps.ts';
import { respondToApi } from '../../functions/api/respond-to-api.ts';
import { startStorageServer, startTableServer } from './aws-servers.ts';
import { functionUrlEvent, lambdaContext } from './lambda-invocation.ts';
import { recordedTelemetry } from './recorded-telemetry.ts';

/** What an operation is called with; parts that it does not have are left out. */
type PartOf<Name extends string, Part> = undefined extends Part
  ? unknown
  : object extends Part
    ? { readonly [Key in Name]?: Part }
    : { readonly [Key in Name]: Part };
export type CallOf<Id extends OperationId> = PartOf<'path', PathOf<Id>> &
  PartOf<'query', QueryOf<Id>> &
  PartOf<'body', BodyOf<Id>> & {
    /** @default the administrator's */
    readonly token?: string;
    readonly publicToken?: string;
  };

/** An answer, already found to be what the contract promises. */
export interface Answer<Body> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

export const ADMINISTRATOR_TOKEN = 'administrator-token-of-a-test';

/** The API in this process, on servers that answer like DynamoDB, S3 and SQS. */
export async function startApiWorld(
  overrides: {
    readonly now?: () => number;
    readonly datasourceServers?: StoreServers;
    readonly ingestQueueArn?: string;
  } = {},
) {
  const [{ table, stop: stopTable }, storage] = await Promise.all([startTableServer(), startStorageServer()]);
  const landingBucket = `${storage.bucket}-landing`;
  await storage.s3.send(new CreateBucketCommand({ Bucket: landingBucket }));
  const syncQueueUrl = await storage.createQueue();
  const deps = apiDeps({
    table,
    s3: storage.s3,
    sqs: storage.sqs,
    datasourceServers: overrides.datasourceServers ?? { s3: storage.s3Config },
    landingBucket,
    platformBucket: storage.bucket,
    runQueueUrl: await storage.createQueue(),
    jobQueueUrl: await storage.createQueue(),
    syncQueueUrl,
    deployment: {
      accountId: '000000000000',
      eventBusArn: 'arn:aws:events:eu-central-1:000000000000:event-bus/InputEvents',
      ingestQueueArn: overrides.ingestQueueArn ?? 'arn:aws:sqs:eu-central-1:000000000000:Ingest',
    },
    administratorToken: async () => ADMINISTRATOR_TOKEN,
    publicKey: async () => 'public-key-of-a-test-that-is-long-enough',
    telemetry: recordedTelemetry(),
    now: overrides.now ?? Date.now,
  });
  const answer = answerRequests('api', respondToApi(deps));

  /** Sends a request as it is, checking of the answer that the contract has it. */
  const send = async (id: OperationId, call: Partial<UntypedCall>): Promise<Answer<unknown>> => {
    const { method, path } = PROTOCOL_OPERATIONS[id];
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(call.query ?? {})) {
      for (const each of Array.isArray(value) ? value : [value]) query.append(name, String(each));
    }
    if (call.publicToken !== undefined) query.set('publicToken', call.publicToken);
    else query.set('token', call.token ?? ADMINISTRATOR_TOKEN);
    const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(call.path?.[name])));
    const body = call.body === undefined ? {} : { body: JSON.stringify(call.body) };
    const event = functionUrlEvent(filled, query, { method, ...body });
    const result = await answer(event, lambdaContext());
    const bytes = typeof result.body === 'string' ? Buffer.from(result.body) : await buffer(result.body);
    if (result.statusCode < 400) noteCoverage(id);
    return checkedAnswer(id, result.statusCode, result.headers, bytes);
  };

  return {
    deps,
    storage,
    table,
    syncQueueUrl,
    send,
    answer,
    /** Calls an operation that must succeed. */
    call: async <Id extends OperationId>(id: Id, call: CallOf<Id>): Promise<ResponseOf<Id>> => {
      const { status, body } = await send(id, call as Partial<UntypedCall>);
      if (status >= 400) throw new Error(`${id} was refused with ${status}: ${JSON.stringify(body)}`);
      return body as ResponseOf<Id>;
    },
    /** Calls an operation that must be refused. */
    refused: async <Id extends OperationId>(
      id: Id,
      call: Partial<UntypedCall>,
    ): Promise<{ status: number; error: ApiErrorResponse }> => {
      const { status, body } = await send(id, call);
      if (status < 400) throw new Error(`${id} was not refused, but answered ${status}`);
      return { status, error: body as ApiErrorResponse };
    },
    /** A member of the team with a token. */
    addUser: async (email: string, role: User['role'] = 'MEMBER') => addUser(deps, email, role),
    stop: async () => {
      await Promise.all([stopTable(), storage.stop()]);
    },
  };
}
export type ApiWorld = Awaited<ReturnType<typeof startApiWorld>>;

interface UntypedCall {
  readonly path: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly token: string;
  readonly publicToken: string;
}

async function addUser({ users, tokens }: ApiDeps, email: string, role: User['role']) {
  const user: User = { id: newObjectId(Date.now()), email, name: email, role, createdAt: Date.now() };
  const token = `token-of-${email}`;
  await users.create(user);
  const made = { id: newObjectId(Date.now()), userId: user.id, name: 'test', ending: token.slice(-4) };
  await tokens.create({ ...made, hash: tokenHash(token), createdAt: Date.now() });
  return { user, token };
}

const ajv = new Ajv2020({ strict: false, discriminator: true });
ajv.addSchema({ $id: 'contract', components: { schemas: PROTOCOL_SCHEMAS } });
const validators = new Map<string, ValidateFunction>();

function validatorOf(name: string, schema: JsonSchema): ValidateFunction {
  const known = validators.get(name);
  if (known) return known;
  const text = JSON.stringify(schema).replaceAll('"#/components/', '"contract#/components/');
  const validate = ajv.compile(JSON.parse(text));
  validators.set(name, validate);
  return validate;
}
const ERROR: JsonSchema = { $ref: '#/components/schemas/ApiErrorResponse' };

/** The real client refuses an answer with a field that it does not know, and so does this. */
export function checkedAnswer(
  id: OperationId,
  status: number,
  headers: Readonly<Record<string, string>>,
  bytes: Buffer,
): Answer<unknown> {
  const { answer } = PROTOCOL_OPERATIONS[id];
  const isError = status >= 400;
  const schema = isError ? ERROR : answer.schema;
  if (status < 300) expect({ id, status }).toEqual({ id, status: answer.status });
  if (status >= 300 && status < 400) return { status, headers, body: undefined };
  if (schema === undefined) {
    expect({ id, bytes: bytes.length }).toEqual({ id, bytes: 0 });
    return { status, headers, body: undefined };
  }
  const contentType = isError ? 'application/json' : answer.contentType;
  expect({ id, type: headers['content-type'] }).toEqual({ id, type: contentType });
  if (contentType !== 'application/json') {
    return { status, headers, body: contentType?.startsWith('text/') ? bytes.toString() : bytes };
  }
  const body: unknown = JSON.parse(bytes.toString());
  const validate = validatorOf(isError ? 'error' : id, schema);
  validate(body);
  expect({ id, errors: validate.errors ?? [] }).toEqual({ id, errors: [] });
  return { status, headers, body };
}

/** Which test saw which operation succeed, for docs/protocol.md. Only where somebody wants to know. */
function noteCoverage(id: OperationId): void {
  const file = process.env.PROTOCOL_COVERAGE_FILE;
  if (!file) return;
  const { currentTestName, testPath } = expect.getState();
  appendFileSync(file, `${JSON.stringify({ id, test: currentTestName, path: testPath })}\n`);
}

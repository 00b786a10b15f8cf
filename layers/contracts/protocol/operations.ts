import document from './openapi.json' with { type: 'json' };
import type { ProtocolOperations } from './types.gen.ts';

/** Name of an operation, as in the contract: `create_dataset`. */
export type OperationId = keyof ProtocolOperations;

export type PathOf<Id extends OperationId> = ProtocolOperations[Id]['path'];
export type QueryOf<Id extends OperationId> = ProtocolOperations[Id]['query'];
export type BodyOf<Id extends OperationId> = ProtocolOperations[Id]['body'];
/** Body of the answer when all goes well; `undefined` where it has none. */
export type ResponseOf<Id extends OperationId> = ProtocolOperations[Id]['response'];

export type JsonSchema = Readonly<Record<string, unknown>>;
export type Security = 'token' | 'publicToken' | 'none';

interface ParameterObject {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: JsonSchema;
}
interface MediaObject {
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}
interface OperationObject {
  readonly operationId: OperationId;
  readonly tags: readonly string[];
  readonly parameters?: readonly ParameterObject[];
  readonly requestBody?: MediaObject & { readonly required?: boolean };
  readonly responses: Readonly<Record<string, MediaObject>>;
  readonly security: readonly Readonly<Record<string, unknown>>[];
}

/** One operation of the contract, as the router, the validators and the tests need it. */
export interface ProtocolOperation {
  readonly id: OperationId;
  /** Group of the contract, `datasets` for example. */
  readonly tag: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As in the contract: `/v1/datasets/{datasetId}`. */
  readonly path: string;
  /** Schemas of the parts of a request; references are to `#/components/schemas/…` of the contract. */
  readonly pathSchema: JsonSchema;
  readonly querySchema: JsonSchema;
  /** Absent where a request has no body. */
  readonly bodySchema?: JsonSchema;
  readonly security: Security;
  /** The answer when all goes well. `contentType` and `schema` are absent where it has no body. */
  readonly answer: { readonly status: number; readonly contentType?: string; readonly schema?: JsonSchema };
}

/**
 * `components.schemas` of the contract. Without the `mapping` of discriminators, which validators refuse: it says
 * nothing that the kinds do not say themselves by the values of their tag.
 */
export const PROTOCOL_SCHEMAS = Object.fromEntries(
  Object.entries(document.components.schemas as Readonly<Record<string, JsonSchema>>).map(
    ([name, { discriminator, ...schema }]) => [name, { ...schema, ...withoutMapping(discriminator) }],
  ),
) as Readonly<Record<string, JsonSchema>>;

function withoutMapping(discriminator: unknown): JsonSchema {
  if (discriminator === undefined) return {};
  const { propertyName } = discriminator as { readonly propertyName: string };
  return { discriminator: { propertyName } };
}

/** Every operation of the contract, by its name. */
export const PROTOCOL_OPERATIONS = Object.fromEntries(
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods as object).map(([method, operation]) => {
      const described = describe(path, method, operation as OperationObject);
      return [described.id, described];
    }),
  ),
) as Readonly<Record<OperationId, ProtocolOperation>>;

function describe(path: string, method: string, operation: OperationObject): ProtocolOperation {
  const { operationId: id, tags, parameters = [], requestBody, responses, security } = operation;
  const bodySchema = requestBody?.content?.['application/json']?.schema;
  return {
    id,
    tag: tags[0] ?? '',
    method: method.toUpperCase() as ProtocolOperation['method'],
    path,
    pathSchema: objectOf(parameters.filter((parameter) => parameter.in === 'path')),
    querySchema: objectOf(parameters.filter((parameter) => parameter.in === 'query')),
    ...(bodySchema && { bodySchema }),
    security: securityOf(security),
    answer: answerOf(responses),
  };
}

function objectOf(parameters: readonly ParameterObject[]): JsonSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
    additionalProperties: false,
  };
}

function securityOf(security: OperationObject['security']): Security {
  if (security.length === 0) return 'none';
  return security.some((scheme) => 'ApiPublicJWTAuth' in scheme) ? 'publicToken' : 'token';
}

function answerOf(responses: OperationObject['responses']): ProtocolOperation['answer'] {
  const [status = '200', response] = Object.entries(responses).find(([code]) => Number(code) < 400) ?? [];
  const [contentType, media] = Object.entries(response?.content ?? {})[0] ?? [];
  return { status: Number(status), ...(contentType && media && { contentType, schema: media.schema }) };
}

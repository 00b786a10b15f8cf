import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { InvalidInputError } from '#contracts/errors';
import {
  type JsonSchema,
  type OperationId,
  PROTOCOL_OPERATIONS,
  PROTOCOL_SCHEMAS,
} from '#contracts/protocol/operations';

const CONTRACT = 'contract';
const options = { strict: false, discriminator: true, useDefaults: false } as const;
const withContract = (ajv: Ajv2020): Ajv2020 =>
  ajv.addSchema({ $id: CONTRACT, components: { schemas: PROTOCOL_SCHEMAS } });

/** Bodies are taken as they are. */
const bodies = withContract(new Ajv2020(options));
/** What comes in a URL is text: numbers and booleans are read from it, and one value stands for a list of one. */
const texts = withContract(new Ajv2020({ ...options, coerceTypes: 'array' }));

interface Validators {
  readonly query: ValidateFunction;
  readonly body?: ValidateFunction;
}
const compiled = new Map<OperationId, Validators>();

/** Compiled when an operation is called for the first time: a cold start needs few of them. */
function validatorsOf(id: OperationId): Validators {
  const known = compiled.get(id);
  if (known) return known;
  const { querySchema, bodySchema } = PROTOCOL_OPERATIONS[id];
  const validators = {
    query: texts.compile(inContract(querySchema)),
    ...(bodySchema && { body: bodies.compile(inContract(bodySchema)) }),
  };
  compiled.set(id, validators);
  return validators;
}

const inContract = (schema: JsonSchema): JsonSchema =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', `"${CONTRACT}#/components/`)) as JsonSchema;

/** The Python client writes `True` where JSON has `true`. */
const PYTHON_BOOLEANS: Readonly<Record<string, string>> = { True: 'true', False: 'false' };

/**
 * The query of a request as the contract has it. Parameters that the contract does not know are left out.
 * @throws InvalidInputError that names the parameter
 */
export function validQuery(id: OperationId, query: URLSearchParams): Record<string, unknown> {
  const { properties } = PROTOCOL_OPERATIONS[id].querySchema as { properties: Record<string, JsonSchema> };
  const given: Record<string, unknown> = {};
  for (const name of Object.keys(properties)) {
    const isBoolean = properties[name]?.type === 'boolean';
    const values = query.getAll(name).map((text) => (isBoolean ? (PYTHON_BOOLEANS[text] ?? text) : text));
    if (values.length > 0) given[name] = values.length === 1 ? values[0] : values;
  }
  const { query: validate } = validatorsOf(id);
  if (!validate(given)) throw invalid('The query', validate.errors);
  return given;
}

/**
 * The body of a request; undefined where the contract has none.
 * @throws InvalidInputError that names the JSON path of what is wrong
 */
export function validBody(id: OperationId, text: string): unknown {
  const { body: validate } = validatorsOf(id);
  if (!validate) return undefined;
  const body = parse(text);
  if (!validate(body)) throw invalid('The body', validate.errors);
  return body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = text === '' ? 'This request needs a JSON body.' : 'The body of the request is not JSON.';
    throw new InvalidInputError(message, { apiCode: 'MALFORMED_REQUEST', cause });
  }
}

/** What was given is not repeated: it may be a secret. */
function invalid(part: string, errors: readonly ErrorObject[] | null | undefined): InvalidInputError {
  const [error] = errors ?? [];
  if (!error) return new InvalidInputError(`${part} is not valid.`);
  const place = error.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, step) => (/^\d+$/.test(step) ? `${path}[${step}]` : `${path}.${step}`), '$');
  return new InvalidInputError(`${part} is not valid. ${place}: ${reasonOf(error)}.`, {
    apiCode: 'MALFORMED_REQUEST',
  });
}

function reasonOf({ keyword, message = 'is not valid', params }: ErrorObject): string {
  switch (keyword) {
    case 'additionalProperties':
      return `must not have the property '${params.additionalProperty}'`;
    case 'enum':
      return `must be one of ${(params.allowedValues as unknown[]).join(', ')}`;
    case 'discriminator':
      return `property '${params.tag}' must name one of the kinds that the protocol knows`;
    default:
      return message;
  }
}

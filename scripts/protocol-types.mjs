// Writes layers/contracts/protocol/types.gen.ts, the TypeScript types of the wire protocol, from its contract,
// openapi.json. The file is not kept in git: `npm run setup` makes it anew whenever the contract has changed.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const folder = new URL('../layers/contracts/protocol/', import.meta.url);
const source = readFileSync(new URL('openapi.json', folder));
const target = new URL('types.gen.ts', folder);
const digest = createHash('sha256')
  .update(source)
  .update(readFileSync(new URL(import.meta.url)))
  .digest('hex');
const stamp = `// Made by scripts/protocol-types.mjs from openapi.json, ${digest}`;

if (!existsSync(target) || !readFileSync(target, 'utf8').startsWith(stamp)) {
  const { compile } = await import('json-schema-to-typescript');
  const text = await compile(schemaOfOperations(JSON.parse(source.toString())), 'ProtocolOperations', {
    bannerComment: stamp,
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    unreachableDefinitions: true,
    format: false,
  });
  writeFileSync(target, text);
}

/** One property for each operation: path, query and body of its request, and the body of its answer. */
function schemaOfOperations({ paths, components }) {
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  const schema = {
    ...object(Object.fromEntries(operations.map((operation) => [operation.operationId, typesOf(operation)]))),
    definitions: components.schemas,
  };
  return JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', '#/definitions/'));
}

function typesOf({ parameters = [], requestBody, responses }) {
  const [, answer] = Object.entries(responses).find(([status]) => Number(status) < 400);
  const [response] = Object.values(answer.content ?? {});
  const body = requestBody?.content['application/json'].schema;
  return object({
    path: parametersOf(parameters, 'path'),
    query: parametersOf(parameters, 'query'),
    body: body ?? { tsType: 'undefined' },
    response: response?.schema ?? { tsType: 'undefined' },
  });
}

function parametersOf(parameters, place) {
  const chosen = parameters.filter((parameter) => parameter.in === place);
  return object(
    Object.fromEntries(chosen.map(({ name, schema }) => [name, schema])),
    chosen.filter(({ required }) => required).map(({ name }) => name),
  );
}

function object(properties, required = Object.keys(properties)) {
  return { type: 'object', properties, required, additionalProperties: false };
}

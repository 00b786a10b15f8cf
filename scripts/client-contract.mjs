// Writes client/contract.gen.ts: what the client needs of the wire protocol's contract while it runs, which is a small
// part of it. The file is not kept in git: `npm run setup` makes it anew whenever the contract has changed.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const source = readFileSync(new URL('../layers/contracts/protocol/openapi.json', import.meta.url));
const target = new URL('../client/contract.gen.ts', import.meta.url);
const digest = createHash('sha256')
  .update(source)
  .update(readFileSync(new URL(import.meta.url)))
  .digest('hex');
const stamp = `// Made by scripts/client-contract.mjs from openapi.json, ${digest}`;

if (!existsSync(target) || !readFileSync(target, 'utf8').startsWith(stamp)) {
  const { paths, components } = JSON.parse(source.toString());
  writeFileSync(target, textOf(operationsOf(paths), keysOf(components.schemas)));
}

function textOf(operations, configKeys) {
  const rows = operations.map(([id, ...row]) => `  ${id}: ${JSON.stringify(row)},`);
  return `${stamp}

export type AnswerKind = 'json' | 'text' | 'binary' | 'none';

/** Method, path and kind of answer of every operation. */
export const OPERATIONS = {
${rows.join('\n')}
} as const satisfies Readonly<Record<string, readonly [method: string, path: string, answer: AnswerKind]>>;

/** Names of options, with those inside them; \`true\` where any value is taken as it is. */
export interface ConfigKeys {
  readonly [name: string]: ConfigKeys | true;
}

/** The options of a worker config. Those of a list's entries stand where the list does. */
export const CONFIG_KEYS: ConfigKeys = ${JSON.stringify(configKeys)};
`;
}

function operationsOf(paths) {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, responses }]) => [
      operationId,
      method.toUpperCase(),
      path,
      answerKindOf(responses),
    ]),
  );
}

function answerKindOf(responses) {
  const [, answer] = Object.entries(responses).find(([status]) => Number(status) < 400);
  const [contentType] = Object.keys(answer.content ?? {});
  if (contentType === undefined) return 'none';
  if (contentType === 'application/json') return 'json';
  return contentType.startsWith('text/') ? 'text' : 'binary';
}

function keysOf(schemas) {
  const keys = (schema) => {
    if (schema.$ref) return keys(schemas[schema.$ref.split('/').at(-1)]);
    if (schema.items) return keys(schema.items);
    if (schema.oneOf) {
      const options = schema.oneOf.map(keys);
      return options.includes(true) ? true : Object.assign({}, ...options);
    }
    if (!schema.properties) return true;
    return Object.fromEntries(Object.entries(schema.properties).map(([name, inner]) => [name, keys(inner)]));
  };
  const { docker, lightly, selection } = keys(schemas.DockerWorkerConfigV4);
  return { docker, lightly, selection };
}

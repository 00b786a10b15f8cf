import { readFileSync } from 'node:fs';
import { type ZodType, z } from 'zod';

/** A schema of an OpenAPI document with everything that it refers to. */
export function openApiSchema(path: string, name: string): ZodType {
  const document = JSON.parse(readFileSync(path, 'utf8')) as { components: { schemas: object } };
  const inPlace = JSON.stringify(document.components.schemas).replaceAll('#/components/schemas/', '#/$defs/');
  const schemas = JSON.parse(inPlace) as Record<string, object>;
  const needed: Record<string, object> = {};
  const add = (schema: string): void => {
    if (schema in needed) return;
    needed[schema] = schemas[schema] ?? {};
    for (const [, other = ''] of JSON.stringify(needed[schema]).matchAll(/#\/\$defs\/(\w+)/g)) add(other);
  };
  add(name);
  return z.fromJSONSchema({ $ref: `#/$defs/${name}`, $defs: needed } as Parameters<
    typeof z.fromJSONSchema
  >[0]);
}

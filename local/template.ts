import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type IntrinsicScope, resolveIntrinsics, TemplateError } from './intrinsics.ts';
import { attributeOf, type PhysicalNames, referenceOf } from './physical-names.ts';

const templateFile = z.object({
  Parameters: z.record(z.string(), z.object({ Default: z.unknown() })).default({}),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Condition: z.string().optional(),
      Properties: z.record(z.string(), z.unknown()).default({}),
    }),
  ),
  Outputs: z
    .record(z.string(), z.object({ Value: z.unknown(), Condition: z.string().optional() }))
    .default({}),
});
type TemplateFile = z.infer<typeof templateFile>;

const manifestFile = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z
        .object({ templateFile: z.string().optional(), stackName: z.string().optional() })
        .default({}),
    }),
  ),
});
const assetsFile = z.object({
  files: z.record(z.string(), z.object({ source: z.object({ path: z.string().optional() }) })).default({}),
});

/** One stack of a synthesized CDK app, as read from its assembly. */
export interface SynthesizedStack {
  readonly name: string;
  readonly template: TemplateFile;
  /** The folder of an asset, by the `S3Key` that the template names. */
  readonly assetDirectory: (s3Key: string, path: string) => string;
}

/**
 * @param assembly the folder that `cdk synth` wrote
 * @param stackName needed only where the assembly holds several stacks
 */
export function readAssembly(assembly: string, stackName?: string): SynthesizedStack {
  const manifest = manifestFile.parse(readJson(join(assembly, 'manifest.json')));
  const stacks = Object.entries(manifest.artifacts)
    .filter(([, artifact]) => artifact.type === 'aws:cloudformation:stack')
    .map(([id, { properties }]) => ({ id, name: properties.stackName ?? id, file: properties.templateFile }));
  const chosen = stackName ? stacks.filter(({ name }) => name === stackName) : stacks;
  const [stack] = chosen;
  if (chosen.length !== 1 || !stack?.file) {
    const names = stacks.map(({ name }) => name).join(', ') || 'none';
    throw new TemplateError(assembly, `exactly one stack is needed, and the assembly holds: ${names}`);
  }
  const assets = assetsFile.parse(readJson(join(assembly, `${stack.id}.assets.json`), { files: {} }));
  return {
    name: stack.name,
    template: templateFile.parse(readJson(join(assembly, stack.file))),
    assetDirectory: (s3Key, path) => {
      const source = assets.files[s3Key.replace(/\.\w+$/, '')]?.source.path;
      if (!source) throw new TemplateError(path, `the assembly has no asset ${s3Key}`);
      return resolve(assembly, source);
    },
  };
}

/** A resource whose condition holds, its intrinsic functions not carried out yet. */
export interface StackResource {
  readonly logicalId: string;
  readonly type: string;
  /** The properties with every intrinsic function carried out. */
  readonly properties: () => unknown;
}
export interface ResolvedStack {
  readonly resources: readonly StackResource[];
  readonly outputs: () => Record<string, unknown>;
}

/** @param parameters values that replace the defaults of the template's parameters */
export function resolveStack(
  { template }: SynthesizedStack,
  names: PhysicalNames,
  parameters: Readonly<Record<string, string>> = {},
): ResolvedStack {
  const scope = scopeOf(template, names, parameters);
  const holds = (condition: string | undefined, path: string) =>
    condition === undefined || scope.condition(condition, path);
  return {
    resources: Object.entries(template.Resources)
      .filter(([logicalId, { Condition }]) => holds(Condition, `Resources.${logicalId}`))
      .map(([logicalId, { Type, Properties }]) => ({
        logicalId,
        type: Type,
        properties: () => resolveIntrinsics(Properties, scope, `Resources.${logicalId}.Properties`),
      })),
    outputs: () =>
      Object.fromEntries(
        Object.entries(template.Outputs)
          .filter(([key, { Condition }]) => holds(Condition, `Outputs.${key}`))
          .map(([key, { Value }]) => [key, resolveIntrinsics(Value, scope, `Outputs.${key}`)]),
      ),
  };
}

function scopeOf(
  template: TemplateFile,
  names: PhysicalNames,
  parameters: Readonly<Record<string, string>>,
): IntrinsicScope {
  const scope: IntrinsicScope = {
    reference: (name, path) => {
      if (name.startsWith('AWS::')) return pseudoParameter(name, names, path);
      const parameter = template.Parameters[name];
      if (parameter) return parameters[name] ?? parameter.Default ?? '';
      return referenceOf(known(name, path), names);
    },
    attribute: (logicalId, attribute, path) => attributeOf(known(logicalId, path), attribute, names, path),
    condition: (name, path) => {
      if (!(name in template.Conditions)) throw new TemplateError(path, `there is no condition ${name}`);
      return resolveIntrinsics(template.Conditions[name], scope, `Conditions.${name}`) === true;
    },
    mapping: (map, key, second, path) => {
      const value = template.Mappings[map]?.[key]?.[second];
      if (value === undefined) throw new TemplateError(path, `the mapping ${map} has no ${key}.${second}`);
      return value;
    },
  };
  const known = (logicalId: string, path: string) => {
    const resource = template.Resources[logicalId];
    if (!resource) throw new TemplateError(path, `there is no parameter or resource ${logicalId}`);
    const name = NAME_PROPERTIES.map((property) => resource.Properties[property]).find(
      (value) => value !== undefined,
    );
    return {
      logicalId,
      type: resource.Type,
      givenName: name === undefined ? undefined : String(resolveIntrinsics(name, scope, path)),
    };
  };
  return scope;
}

const NAME_PROPERTIES = ['BucketName', 'QueueName', 'TableName', 'FunctionName', 'RoleName', 'LogGroupName'];

function pseudoParameter(name: string, names: PhysicalNames, path: string): unknown {
  switch (name) {
    case 'AWS::NoValue':
      return undefined;
    case 'AWS::Region':
      return names.region;
    case 'AWS::AccountId':
      return names.accountId;
    case 'AWS::Partition':
      return 'aws';
    case 'AWS::URLSuffix':
      return 'amazonaws.com';
    case 'AWS::StackName':
      return names.stackName;
    case 'AWS::StackId':
      return `arn:aws:cloudformation:${names.region}:${names.accountId}:stack/${names.stackName}/local`;
    case 'AWS::NotificationARNs':
      return [];
    default:
      throw new TemplateError(path, `the local cloud does not know the pseudo parameter ${name}`);
  }
}

function readJson(path: string, absent?: unknown): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    if (absent !== undefined && (cause as NodeJS.ErrnoException).code === 'ENOENT') return absent;
    throw new Error(`Expected a synthesized CDK app, but ${path} cannot be read`, { cause });
  }
}

import { ensureAssembly } from '../../local/assembly.ts';
import { readAssembly, type SynthesizedStack } from '../../local/template.ts';

/** The stack with default parameters, as it would be deployed. Synthesized once for each state of the sources. */
export const synthesizedStack = async (): Promise<SynthesizedStack> => readAssembly(await ensureAssembly());

/** Synthesis bundles every function: longer than a test may take. */
export const SYNTHESIS_TIMEOUT_MS = 180_000;

export interface Resource<Properties> {
  readonly logicalId: string;
  readonly properties: Properties;
}

/** All resources of a type; `Properties` names what the test reads of them. */
export const resourcesOf = <Properties>(
  { template }: Pick<SynthesizedStack, 'template'>,
  type: string,
): Resource<Properties>[] =>
  Object.entries(template.Resources)
    .filter(([, { Type }]) => Type === type)
    .map(([logicalId, { Properties }]) => ({ logicalId, properties: Properties as Properties }));

/** A value that CloudFormation fills in: `{ Ref }` or `{ 'Fn::GetAtt' }` of a resource. */
export interface Reference {
  readonly Ref?: string;
  readonly 'Fn::GetAtt'?: readonly [string, string];
}

export const referredTo = (value: Reference | undefined): string | undefined =>
  value?.Ref ?? value?.['Fn::GetAtt']?.[0];

/** The logical ids that a part of the template refers to, however deep. */
export function allReferredTo(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(allReferredTo);
  if (typeof value !== 'object' || value === null) return [];
  const { Ref, 'Fn::GetAtt': attribute } = value as { Ref?: string; 'Fn::GetAtt'?: string[] };
  const own = [Ref, attribute?.[0]].filter((id) => id !== undefined);
  return [...own, ...Object.values(value).flatMap(allReferredTo)];
}

export interface FunctionProperties {
  readonly Architectures?: readonly string[];
  readonly Runtime: string;
  readonly Timeout: number;
  readonly MemorySize: number;
  readonly Code: { readonly S3Key: string };
  readonly Layers?: readonly Reference[];
  readonly Role: Reference;
  readonly LoggingConfig?: { readonly LogGroup: Reference };
  readonly TracingConfig?: { readonly Mode: string };
  readonly ReservedConcurrentExecutions?: number;
  readonly Environment: {
    readonly Variables: Readonly<Record<string, string | Reference>> & { readonly STAGE: string };
  };
}

export const functionsOf = (stack: SynthesizedStack): Resource<FunctionProperties>[] =>
  resourcesOf<FunctionProperties>(stack, 'AWS::Lambda::Function');

export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
export interface PolicyProperties {
  readonly PolicyDocument: { readonly Statement: readonly Statement[] };
}

/** What a function's role may do. */
export const statementsOf = (stack: SynthesizedStack, { Role }: FunctionProperties): Statement[] =>
  resourcesOf<PolicyProperties & { readonly Roles: readonly Reference[] }>(stack, 'AWS::IAM::Policy')
    .filter(({ properties }) => properties.Roles.some((role) => referredTo(role) === referredTo(Role)))
    .flatMap(({ properties }) => [...properties.PolicyDocument.Statement]);

export const listed = <Item>(oneOrMore: Item | readonly Item[]): readonly Item[] =>
  Array.isArray(oneOrMore) ? oneOrMore : [oneOrMore as Item];

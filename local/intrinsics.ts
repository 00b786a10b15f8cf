/** What intrinsic functions of a CloudFormation template stand for. */
export interface IntrinsicScope {
  /** `Ref`: undefined stands for `AWS::NoValue`. */
  readonly reference: (name: string, path: string) => unknown;
  readonly attribute: (logicalId: string, attribute: string, path: string) => unknown;
  readonly condition: (name: string, path: string) => boolean;
  readonly mapping: (map: string, key: string, second: string, path: string) => unknown;
}

/** A template says something that this machine cannot carry out. The message names the place. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  constructor(path: string, reason: string) {
    super(`Template, ${path}: ${reason}`);
  }
}

type Intrinsic = (argument: unknown, scope: IntrinsicScope, path: string) => unknown;

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (name, scope, path) => scope.reference(text(name, path), path),
  'Fn::GetAtt': getAttribute,
  'Fn::Sub': substitute,
  'Fn::Join': (argument, scope, path) => {
    const [separator, parts] = list(argument, path);
    return list(resolveIntrinsics(parts, scope, path), path)
      .map(String)
      .join(text(separator, path));
  },
  'Fn::Select': (argument, scope, path) => {
    const [index, choices] = list(resolveIntrinsics(argument, scope, path), path);
    const choice = list(choices, path)[Number(index)];
    if (choice === undefined) throw new TemplateError(path, `there is no element ${index}`);
    return choice;
  },
  'Fn::Split': (argument, scope, path) => {
    const [separator, joined] = list(resolveIntrinsics(argument, scope, path), path);
    return text(joined, path).split(text(separator, path));
  },
  'Fn::FindInMap': (argument, scope, path) => {
    const [map, key, second] = list(resolveIntrinsics(argument, scope, path), path);
    return scope.mapping(text(map, path), text(key, path), text(second, path), path);
  },
  'Fn::If': (argument, scope, path) => {
    const [name, whenTrue, whenFalse] = list(argument, path);
    return resolveIntrinsics(scope.condition(text(name, path), path) ? whenTrue : whenFalse, scope, path);
  },
  Condition: (name, scope, path) => scope.condition(text(name, path), path),
  'Fn::Equals': (argument, scope, path) => {
    const [left, right] = list(resolveIntrinsics(argument, scope, path), path);
    return JSON.stringify(left) === JSON.stringify(right);
  },
  'Fn::Not': (argument, scope, path) => list(resolveIntrinsics(argument, scope, path), path)[0] !== true,
  'Fn::And': (argument, scope, path) =>
    list(resolveIntrinsics(argument, scope, path), path).every((held) => held === true),
  'Fn::Or': (argument, scope, path) =>
    list(resolveIntrinsics(argument, scope, path), path).some((held) => held === true),
};

/**
 * The value with every intrinsic function carried out. A property or element that becomes `AWS::NoValue` is absent.
 * @param path where the value stands in the template, for messages
 * @throws TemplateError for an intrinsic function that is not known here
 */
export function resolveIntrinsics(value: unknown, scope: IntrinsicScope, path: string): unknown {
  if (Array.isArray(value)) {
    return value
      .map((element, index) => resolveIntrinsics(element, scope, `${path}[${index}]`))
      .filter((element) => element !== undefined);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only) {
    const intrinsic = intrinsicNamed(only[0], only[1], path);
    if (intrinsic) return intrinsic(only[1], scope, `${path}.${only[0]}`);
  }
  return Object.fromEntries(
    entries
      .map(([name, inner]) => [name, resolveIntrinsics(inner, scope, `${path}.${name}`)])
      .filter(([, inner]) => inner !== undefined),
  );
}

/** `Condition` is also the name of a block in policies, where its value is an object. */
function intrinsicNamed(name: string, argument: unknown, path: string): Intrinsic | undefined {
  if (name === 'Condition' && typeof argument !== 'string') return undefined;
  const intrinsic = INTRINSICS[name];
  if (!intrinsic && name.startsWith('Fn::')) {
    throw new TemplateError(path, `the local cloud does not know the intrinsic function ${name}`);
  }
  return intrinsic;
}

function getAttribute(argument: unknown, scope: IntrinsicScope, path: string): unknown {
  const [logicalId, ...attribute] = typeof argument === 'string' ? argument.split('.') : list(argument, path);
  return scope.attribute(text(logicalId, path), attribute.join('.'), path);
}

function substitute(argument: unknown, scope: IntrinsicScope, path: string): string {
  const [template, variables] = typeof argument === 'string' ? [argument, {}] : list(argument, path);
  const given = resolveIntrinsics(variables, scope, path) as Record<string, unknown>;
  return text(template, path).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (name in given) return String(given[name]);
    const [logicalId = '', ...attribute] = name.split('.');
    const value =
      attribute.length > 0
        ? scope.attribute(logicalId, attribute.join('.'), path)
        : scope.reference(logicalId, path);
    return String(value);
  });
}

function list(value: unknown, path: string): unknown[] {
  if (!Array.isArray(value)) throw new TemplateError(path, 'a list was expected');
  return value;
}

function text(value: unknown, path: string): string {
  if (typeof value !== 'string') throw new TemplateError(path, 'a text was expected');
  return value;
}

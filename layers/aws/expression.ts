/**
 * A DynamoDB condition or update, written as a template: `#name` is an attribute, `${value}` a value, and
 * `${expression}` an expression inside. Every attribute goes by a `#name`, because many good names are reserved words.
 *
 * @example dynamo`#state = ${'OPEN'} AND attribute_not_exists(#runId)`
 */
export class Expression {
  readonly strings: readonly string[];
  readonly values: readonly unknown[];

  constructor(strings: readonly string[], values: readonly unknown[]) {
    this.strings = strings;
    this.values = values;
  }
}

export function dynamo(strings: TemplateStringsArray, ...values: readonly unknown[]): Expression {
  return new Expression(strings, values);
}

/** `name IN (…)` for 1 to 100 values. */
export function isOneOf(attribute: string, values: readonly unknown[]): Expression {
  return new Expression([`#${attribute} IN (`, ...values.slice(1).map(() => ', '), ')'], values);
}

/** One of the conditions holds, or more: without brackets around them. */
export const anyOf = (conditions: readonly Expression[]): Expression =>
  new Expression(['', ...conditions.slice(1).map(() => ' OR '), ''], conditions);

/** Names and values that the expressions of one request share. */
export interface Placeholders {
  readonly names: Record<string, string>;
  readonly values: Record<string, unknown>;
}

/** The text of an expression; what it refers to is added to `placeholders`. */
export function render(expression: Expression, placeholders: Placeholders): string {
  return expression.strings.reduce((text, part, at) => {
    const value = at === 0 ? '' : renderValue(expression.values[at - 1], placeholders);
    for (const [reference, name] of part.matchAll(/#(\w+)/g)) {
      if (name) placeholders.names[reference] = name;
    }
    return text + value + part;
  }, '');
}

function renderValue(value: unknown, placeholders: Placeholders): string {
  if (value instanceof Expression) return render(value, placeholders);
  const placeholder = `:v${Object.keys(placeholders.values).length}`;
  placeholders.values[placeholder] = value;
  return placeholder;
}

/** What a request has for its expressions; DynamoDB refuses empty maps. */
export function placeholderFields({ names, values }: Placeholders): {
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, unknown>;
} {
  return {
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}

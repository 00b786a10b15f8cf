/** One thing that a request wants to do. */
export interface Access {
  /** As `s3:GetObject`. */
  readonly action: string;
  /** An ARN. */
  readonly resource: string;
  /** Condition keys and their values, as `s3:prefix`. */
  readonly context?: Readonly<Record<string, string>>;
}

/** Operators of IAM that compare texts; each can have `Not` inside, `IfExists` behind, and a set operator before it. */
const COMPARISONS: Readonly<Record<string, (pattern: string, value: string) => boolean>> = {
  StringEquals: (pattern, value) => literalOf(pattern) === value,
  StringEqualsIgnoreCase: (pattern, value) => literalOf(pattern).toLowerCase() === value.toLowerCase(),
  StringLike: matches,
  ArnEquals: matches,
  ArnLike: matches,
  Bool: (pattern, value) => pattern.toLowerCase() === value.toLowerCase(),
};

/**
 * Whether a condition of a statement holds, as IAM decides it: of several values in a policy one has to match; a key that
 * a request lacks satisfies only `Not…`, `…IfExists`, `Null: true` and `ForAllValues:`. An operator that is not known here
 * is an error rather than a guess.
 */
export function holds(operator: string, key: string, expected: readonly string[], access: Access): boolean {
  const actual = contextValue(access, key);
  if (operator === 'Null') return expected.includes(String(actual === undefined));
  const [, set, comparison = '', ifExists] =
    /^(ForAllValues:|ForAnyValue:)?(.+?)(IfExists)?$/.exec(operator) ?? [];
  const isNegated = comparison.includes('Not');
  const compare = COMPARISONS[comparison.replace('Not', '')];
  if (!compare) throw new Error(`The local cloud does not know the condition operator ${operator}`);
  if (actual === undefined) return isNegated || ifExists !== undefined || set === 'ForAllValues:';
  return expected.some((pattern) => compare(pattern, actual)) !== isNegated;
}

/** Every local request comes over the loopback interface, which counts as secure transport. */
function contextValue({ context = {} }: Access, key: string): string | undefined {
  if (key.toLowerCase() === 'aws:securetransport') return 'true';
  return Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
}

const compiledPatterns = new Map<string, RegExp>();
/** `*` stands for any text and `?` for any one character; `${*}`, `${?}` and `${$}` for the characters themselves. */
export function matches(pattern: string, value: string): boolean {
  if (!/[*?$]/.test(pattern)) return pattern === value;
  let compiled = compiledPatterns.get(pattern);
  if (!compiled) {
    const source = pattern.replace(/\$\{([*?$])\}|[*?]|[.+^${}()|[\]\\]/g, (text, literal?: string) => {
      if (literal !== undefined) return `\\${literal}`;
      if (text === '*') return '.*';
      return text === '?' ? '.' : `\\${text}`;
    });
    compiled = new RegExp(`^${source}$`, 's');
    compiledPatterns.set(pattern, compiled);
  }
  return compiled.test(value);
}

const literalOf = (pattern: string): string => pattern.replace(/\$\{([*?$])\}/g, '$1');

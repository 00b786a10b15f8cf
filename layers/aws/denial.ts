/** What AWS says of a denial beside that it is one: it does so in the account and the organisation of the resource. */
export interface Denial {
  /** What was denied, which is not always what was asked for. As IAM has it: `s3:ListBucket`. */
  readonly action?: string;
  /** What forbids it, in words for people. No other policy can allow it then. */
  readonly forbiddenBy?: string;
}

const POLICIES: Readonly<Record<string, string>> = {
  'identity-based policy': 'a policy of that role or user',
  'permissions boundary': 'the permissions boundary of that role or user',
  'resource-based policy': 'the policy of the bucket, of its access point or of its key',
  'service control policy': 'a service control policy of the organisation',
  'resource control policy': 'a resource control policy of the organisation',
  'vpc endpoint policy': 'the policy of a VPC endpoint',
};

export function denialIn(cause: unknown): Denial {
  const said = cause instanceof Error ? cause.message : '';
  const [, action] = /\bis not authorized to perform: ([\w-]+:\w+)/.exec(said) ?? [];
  const [denies, kind] =
    /\bwith an explicit deny(?: in an? ((?:[\w-]+ ){1,3}?(?:policy|boundary)))?/.exec(said) ?? [];
  return {
    ...(action !== undefined && { action }),
    ...(denies !== undefined && { forbiddenBy: POLICIES[kind?.toLowerCase() ?? ''] ?? 'a policy' }),
  };
}

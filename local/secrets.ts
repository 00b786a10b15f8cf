import { randomInt } from 'node:crypto';
import type { SecretPlan } from './plan-types.ts';

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly value: string;
}
export interface Secrets {
  /** By name, or by ARN with or without the six characters that AWS puts behind it. */
  readonly find: (id: string) => Secret | undefined;
}

/** @param remembered values of earlier runs by secret name; what is generated is added */
export function createSecrets(plans: readonly SecretPlan[], remembered: Record<string, string>): Secrets {
  const secrets = plans.map(({ arn, name, value, generate }) => {
    remembered[name] = value ?? remembered[name] ?? generateSecret(generate);
    return { arn, name, value: remembered[name] };
  });
  return {
    find: (id) => secrets.find(({ arn, name }) => id === name || id === arn || id.startsWith(`${arn}-`)),
  };
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

function generateSecret(generate: SecretPlan['generate']): string {
  const { PasswordLength = 32, ExcludeCharacters = '', ExcludePunctuation = false } = generate ?? {};
  const alphabet = [...LETTERS, ...(ExcludePunctuation ? '' : PUNCTUATION)].filter(
    (character) => !ExcludeCharacters.includes(character),
  );
  const password = Array.from({ length: PasswordLength }, () => alphabet[randomInt(alphabet.length)]).join(
    '',
  );
  const { SecretStringTemplate, GenerateStringKey } = generate ?? {};
  if (SecretStringTemplate === undefined || GenerateStringKey === undefined) return password;
  return JSON.stringify({ ...JSON.parse(SecretStringTemplate), [GenerateStringKey]: password });
}

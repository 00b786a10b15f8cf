import { InvalidArgumentError } from 'commander';

/** Above 0. */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('Give a whole number above 0.');
}

/** A part of a whole: `0.1`. */
export function fraction(text: string): number {
  const number = Number(text);
  if (/^\d*\.?\d+$/.test(text) && number > 0 && number <= 1) return number;
  throw new InvalidArgumentError('Give a fraction above 0 and up to 1, such as 0.1.');
}

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** `90s`, `15m`, `12h`, `7d`, or seconds; as seconds. */
export function duration(text: string): number {
  const match = /^(\d{1,9})([smhd]?)$/.exec(text);
  const seconds = Number(match?.[1]) * SECONDS[(match?.[2] || 's') as keyof typeof SECONDS];
  if (seconds > 0) return seconds;
  throw new InvalidArgumentError('Give seconds, or a time such as 15m, 12h or 7d.');
}

/** Refused before anything is done: `connect` changes a bucket before the API sees the role. */
export function roleArn(text: string): string {
  if (/^arn:aws(-[a-z]+)*:iam::\d{12}:role\/.+$/.test(text)) return text;
  throw new InvalidArgumentError('Give the ARN of a role, such as arn:aws:iam::111122223333:role/Winnow.');
}

/** Of an option that may be given several times. */
export const collectedValues = (value: string, before: readonly string[] = []): string[] => [
  ...before,
  value,
];

/** Of an option that is a list: `gpu,large`. */
export function commaSeparated(text: string): string[] {
  const values = text.split(',').map((value) => value.trim());
  if (values.every((value) => value !== '')) return [...new Set(values)];
  throw new InvalidArgumentError('Give names with commas between them, such as gpu,large.');
}

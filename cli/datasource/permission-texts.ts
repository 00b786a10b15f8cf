import type { VerifyAnswer } from '#contracts/input-routes';
import { printable } from '../printable.ts';
import { detailsOf } from '../table-output.ts';

const LACKS = {
  permissions: (sid: string) =>
    `The permissions policy of the role lacks ${sid}, or a policy of the bucket or of the organisation forbids it`,
  trust: (sid: string) => `The trust policy of the role lacks ${sid}`,
} as const;

/** What is possible, and which statement would make possible what is not. */
export function permissionsOf({ errors = {}, missing, hints, ...can }: VerifyAnswer): string {
  const say = (isPossible: boolean, error: string | undefined): string =>
    isPossible ? 'yes' : `no${error ? `: ${error}` : ''}`;
  const isReadUntried = can.canRead && hints.some(({ code }) => code === 'UNTRIED');
  const details = detailsOf({
    'list images': say(can.canList, errors.canList),
    'read images': isReadUntried ? 'not tried' : say(can.canRead, errors.canRead),
    'write .lightly/': say(can.canWrite, errors.canWrite),
    'overwrite .lightly/': say(can.canOverwrite, errors.canOverwrite),
    hint: hints.length === 0 ? undefined : hints.map(({ reason }) => reason).join(' '),
  });
  const statements = missing.map(
    ({ policy, statement }) =>
      `${LACKS[policy](statement.Sid)}:\n${JSON.stringify(statement, undefined, 2).split('\n').map(printable).join('\n')}`,
  );
  return [details, ...statements].join('\n\n');
}

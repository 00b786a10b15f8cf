import type { DryRunAnswer, InputAnswer } from '#contracts/input-routes';
import { type Column, detailsOf, minuteOf, secondOf, tableOf } from '../table-output.ts';

/** As many are counted, where that takes reading. */
const MOST_COUNTED = 1_000;
const counted = (count: number): string =>
  count >= MOST_COUNTED ? `${MOST_COUNTED} or more` : String(count);

const AGAIN = 'tried again every few minutes, and at once by winnow datasources verify';

/** How images of a dataset are taken in, for people. */
export function statusOf({
  datasource,
  events,
  pausedAt,
  lastVerified,
  problem,
  sync,
  counts,
}: InputAnswer): string {
  return detailsOf({
    path: datasource.path,
    type: datasource.type,
    purpose: datasource.purpose,
    region: datasource.region,
    role: datasource.role,
    events: eventsOf(events),
    paused: pausedAt === undefined ? undefined : `since ${secondOf(pausedAt)}`,
    verified: lastVerified && minuteOf(lastVerified.at),
    problem: problem && `${problem.reason} (since ${minuteOf(problem.since)}; ${AGAIN})`,
    sync: sync ? syncOf(sync) : 'not yet',
    inventory: sync?.reportProblem && `not read: ${sync.reportProblem}`,
    'last complete': lastCompleteOf(sync),
    registered: counts.registry && registryOf(counts.registry),
    samples: counts.samples,
    'no longer available': counts.unavailable,
    'not read by a run': `${counted(counts.pending)}, rejected ones included`,
    'events that wait': counted(counts.held),
  });
}

function eventsOf({ from, bucket, lastAt }: InputAnswer['events']): string {
  if (from === 'none') return 'none: the datasource is listed now and then';
  const last = lastAt === undefined ? 'none noted yet' : `last ${secondOf(lastAt)}`;
  return from === 'landing' ? `of ${bucket}` : `of ${bucket}, ${last}`;
}

type Sync = NonNullable<InputAnswer['sync']>;

/** Where it is another one than that which is told of already. */
function lastCompleteOf(sync: Sync | undefined): string | undefined {
  if (!sync?.last || sync.last.finishedAt === sync.finishedAt) return undefined;
  return `${secondOf(sync.last.finishedAt)}: ${countsOf(sync.last.counts)}`;
}

function syncOf({
  state,
  kind,
  source,
  report = '',
  listed,
  estimatedTotal,
  estimatedSecondsLeft,
  finishedAt,
  error,
  counts,
}: Sync): string {
  const read = source === 'inventory' ? `inventory ${report.split('/')[0]}` : 'listing';
  const what = kind === 'replay' ? 'replay' : read.trim();
  if (state === 'FAILED') return `${what} failed${error ? `: ${error}` : ''}`;
  if (state === 'DONE')
    return `${what} done ${finishedAt === undefined ? '' : secondOf(finishedAt)}: ${kind === 'replay' ? replayedOf(counts) : countsOf(counts)}`;
  const total = estimatedTotal === undefined ? '' : ` of about ${estimatedTotal}`;
  const left = estimatedSecondsLeft === undefined ? '' : `, about ${durationOf(estimatedSecondsLeft)} left`;
  return `${what} under way: ${listed}${total}${left}`;
}

const countsOf = ({
  listed,
  missed,
  missedInArchive = 0,
  changed,
  gone,
  skipped,
}: Sync['counts']): string => {
  const archived = missedInArchive > 0 ? ` (${missedInArchive} of them in an archive)` : '';
  return `${listed} listed, ${missed} new${archived}, ${changed} changed, ${gone} gone${skippedOf(skipped)}`;
};

/** What was registered at a time. */
function registryOf({
  at,
  registered,
  archived,
  rejected,
}: NonNullable<InputAnswer['counts']['registry']>): string {
  const byCode = Object.entries(rejected).map(([code, count]) => `, ${count} rejected as ${code}`);
  const inArchive = archived > 0 ? `, ${archived} in an archive by now` : '';
  return `${registered}${inArchive}${byCode.join('')}, when the last complete listing began: ${secondOf(at)}`;
}

/** All that is in scope counts as changed. */
const replayedOf = ({ listed, changed, skipped }: Sync['counts']): string =>
  `${listed} listed, ${changed} read again${skippedOf(skipped)}`;

const skippedOf = (skipped: Sync['counts']['skipped']): string =>
  Object.entries(skipped)
    .map(([reason, count]) => `, ${count} ${reason}`)
    .join('');

const MINUTE = 60;
const durationOf = (seconds: number): string =>
  seconds < 2 * MINUTE ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / MINUTE)} min`;

interface Row {
  readonly what: string;
  readonly count: number;
  readonly examples: readonly string[];
}
const COLUMNS: readonly Column<Row>[] = [
  { title: 'OBJECTS', value: ({ count }) => count, align: 'right' },
  { title: 'WHAT', value: ({ what }) => what },
  { title: 'FOR EXAMPLE', value: ({ examples }) => examples.slice(0, MOST_SHOWN).join(', '), shrinks: true },
];
/** All of them are in the JSON. */
const MOST_SHOWN = 3;

/** What a filter would do, for people. */
export function dryRunOf({
  source,
  objects,
  listedAt,
  taken,
  archived,
  skipped,
  changes,
}: DryRunAnswer): string {
  const of =
    source === 'newest' ? 'newest objects' : 'first objects by name, because no sync was complete yet';
  const rows: Row[] = [
    { what: 'taken', ...taken },
    ...(archived.count > 0 ? [{ what: 'of these, archived', ...archived }] : []),
    ...skipped.map(({ reason, ...rest }) => ({ what: `left out: ${reason}`, ...rest })),
    { what: 'taken, and left out by the settings', ...changes.taken },
    { what: 'left out, and taken by the settings', ...changes.skipped },
  ];
  return `${objects} ${of}, as of ${secondOf(listedAt)}\n${tableOf(COLUMNS, rows)}`;
}

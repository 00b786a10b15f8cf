import { type Command, InvalidArgumentError } from 'commander';
import { InvalidInputError } from '#contracts/errors';
import {
  askedAnswer,
  askedSyncAnswer,
  dryRunAnswer,
  type InputAnswer,
  inputAnswer,
  pauseAnswer,
  type ReplayRequest,
} from '#contracts/input-routes';
import { inputSettings } from '#contracts/input-settings';
import { FILTER_FIELDS } from '#platform/datasources/input/input-filter';
import { type Api, apiCommand, withApi } from '../api-command.ts';
import { readGivenFile } from '../connection.ts';
import { askForDataset } from '../datasource/input-api.ts';
import { dryRunOf, statusOf } from '../datasource/input-texts.ts';
import { waitForSync } from '../datasource/wait-for-sync.ts';

const WAIT = 'wait until it has been listed';

/** Commands about how images of a dataset are taken in. */
export function addInputCommands(datasources: Command): void {
  apiCommand(datasources, 'status <dataset>', 'how its images are taken in').action(withApi(status));
  apiCommand(datasources, 'sync <dataset>', 'look now for images that no event has told of')
    .option('--thorough', 'as if nothing was known of earlier listings')
    .option('--accept-removals', 'all images count as gone if nothing at all is listed; else that is refused')
    .option('--wait', WAIT)
    .action(withApi(sync));
  apiCommand(
    datasources,
    'replay <dataset>',
    'have images read again: those of a prefix, a time or both, or all',
  )
    .option('--prefix <prefix>', 'those whose names begin so, relative to the datasource')
    .option('--from <time>', 'those last modified since: 2026-01-31, or 2026-01-31T09:00:00Z', time)
    .option('--to <time>', 'those last modified until then; a day counts to its end', timeOrEndOfDay)
    .option('--all', 'all of them, which has to be said')
    .option('--wait', WAIT)
    .action(withApi(replay));
  apiCommand(
    datasources,
    'dry-run <dataset> [file]',
    'what the filter in a JSON file ("-": standard input) would do, or what that of the settings does',
  ).action(withApi(tryFilter));
  addPauseCommands(datasources);
}

/** `pause` and `resume`, which are commands of datasets too. */
export function addPauseCommands(parent: Command): void {
  apiCommand(parent, 'pause <dataset>', 'let events wait, and schedule no run').action(withApi(pause));
  apiCommand(parent, 'resume <dataset>', 'end a pause: what has waited is worked on').action(withApi(resume));
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 24 * 60 * 60_000;

/** @returns ms; of a day, its last */
const timeOrEndOfDay = (text: string): number => time(text) + (DAY.test(text) ? DAY_MS - 1 : 0);

/** @returns ms; a day is that of UTC */
function time(text: string): number {
  const isDay = DAY.test(text);
  const isTime = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(text);
  const at = isDay || isTime ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new InvalidArgumentError('Give a time such as 2026-01-31 or 2026-01-31T09:00:00Z.');
  return at;
}

async function status(api: Api, nameOrId: string): Promise<void> {
  const { dataset } = await api.dataset(nameOrId);
  const found: InputAnswer = await askForDataset(
    api,
    dataset.id,
    { method: 'GET', what: 'input' },
    inputAnswer,
  );
  api.output.show(found, statusOf(found));
}

interface WaitOption {
  readonly wait?: true;
}

interface SyncOptions extends WaitOption {
  readonly thorough?: true;
  readonly acceptRemovals?: true;
}

async function sync(
  api: Api,
  nameOrId: string,
  { thorough, acceptRemovals, wait }: SyncOptions,
): Promise<void> {
  const { dataset } = await api.dataset(nameOrId);
  const body = { ...(thorough && { thorough }), ...(acceptRemovals && { acceptRemovals }) };
  const { id } = await askForDataset(api, dataset.id, { method: 'POST', what: 'sync', body }, askedAnswer);
  const { name } = dataset;
  const texts = {
    begun: `The datasource of ${name} is listed`,
    done: `The datasource of ${name} has been listed`,
  };
  await tellOfWork(api, dataset, { document: { sync: id }, asked: id, texts, wait });
}

/** That it begins; or, where somebody waits for it, that it is done. */
async function tellOfWork(
  api: Api,
  { id, name }: Awaited<ReturnType<Api['dataset']>>['dataset'],
  work: {
    readonly document: object;
    readonly asked: string;
    readonly texts: { readonly begun: string; readonly done: string };
    readonly wait: true | undefined;
  },
): Promise<void> {
  const document = { id, name, ...work.document };
  if (work.wait) {
    await waitForSync(api, { id, name }, work.asked);
    return api.output.show({ ...document, state: 'DONE' }, work.texts.done);
  }
  api.output.show(document, `${work.texts.begun}: see winnow datasources status`);
  const what = `syncs/${work.asked}`;
  const { pausedAt } = await askForDataset(api, id, { method: 'GET', what }, askedSyncAnswer);
  // What was asked for is not refused, but does not begin either.
  if (pausedAt !== undefined)
    api.output.note(`${name} is paused: this begins within five minutes after winnow datasources resume.`);
}

async function replay(api: Api, nameOrId: string, options: ReplayRequest & WaitOption): Promise<void> {
  const { prefix, from, to, all, wait } = options;
  const body: ReplayRequest = {
    ...(prefix !== undefined && { prefix }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(all && { all }),
  };
  if (Object.keys(body).length === 0) {
    throw new InvalidInputError('Which images? Give --prefix, --from or --to, or --all.');
  }
  const { dataset } = await api.dataset(nameOrId);
  const { id } = await askForDataset(api, dataset.id, { method: 'POST', what: 'replay', body }, askedAnswer);
  const { name } = dataset;
  const texts = {
    begun: `Images of ${name} are read again`,
    done: `What was asked for of ${name} has been listed and is read again; how many it is: winnow datasources status`,
  };
  await tellOfWork(api, dataset, { document: { replay: id }, asked: id, texts, wait });
}

async function tryFilter(api: Api, nameOrId: string, file: string | undefined): Promise<void> {
  const filter = file === undefined ? undefined : parsedFilter(await readGivenFile(file, 'The filter'), file);
  const { dataset } = await api.dataset(nameOrId);
  const body = filter === undefined ? {} : { filter };
  const found = await askForDataset(
    api,
    dataset.id,
    { method: 'POST', what: 'input/dry-run', body },
    dryRunAnswer,
  );
  api.output.show(found, dryRunOf(found));
}

/** Of a filter alone, or of settings that have one among other fields. */
function parsedFilter(text: string, file: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    const isSettings = typeof parsed === 'object' && parsed !== null && 'input' in parsed;
    return isSettings ? filterIn(parsed.input) : parsed;
  } catch (cause) {
    throw new InvalidInputError(`The filter '${file}' is not JSON.`, { cause });
  }
}

/** Without what says how a datasource is asked. What is no field at all stays, so that it is told. */
function filterIn(input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return input;
  const isOther = (name: string): boolean =>
    name in inputSettings.shape && !FILTER_FIELDS.some((field) => field === name);
  return Object.fromEntries(Object.entries(input).filter(([name]) => !isOther(name)));
}

async function pause(api: Api, nameOrId: string): Promise<void> {
  const { dataset } = await api.dataset(nameOrId);
  const paused = await askForDataset(api, dataset.id, { method: 'POST', what: 'pause' }, pauseAnswer);
  const document = { id: dataset.id, name: dataset.name, ...paused };
  api.output.show(document, `${dataset.name} is paused: events wait, and no run is scheduled`);
}

async function resume(api: Api, nameOrId: string): Promise<void> {
  const { dataset } = await api.dataset(nameOrId);
  await askForDataset(api, dataset.id, { method: 'POST', what: 'resume' }, pauseAnswer);
  api.output.show({ id: dataset.id, name: dataset.name }, `${dataset.name} goes on`);
}

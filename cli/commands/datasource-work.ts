import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { InvalidInputError } from '#contracts/errors';
import {
  dryRunAnswer,
  type InputAnswer,
  inputAnswer,
  pauseAnswer,
  type ReplayRequest,
  replayAnswer,
} from '#contracts/input-routes';
import { inputSettings } from '#contracts/input-settings';
import { FILTER_FIELDS } from '#platform/datasources/input/input-filter';
import { type Api, apiCommand, withApi } from '../api-command.ts';
import { readGivenFile } from '../connection.ts';
import { askForDataset } from '../datasource/input-api.ts';
import { dryRunOf, statusOf } from '../datasource/input-texts.ts';

/** Commands about how images of a dataset are taken in. */
export function addInputCommands(datasources: Command): void {
  apiCommand(datasources, 'status <dataset>', 'how its images are taken in').action(withApi(status));
  apiCommand(datasources, 'sync <dataset>', 'look now for images that no event has told of')
    .option('--thorough', 'as if nothing was known of earlier listings')
    .option('--accept-removals', 'all images count as gone if nothing at all is listed; else that is refused')
    .action(withApi(sync));
  apiCommand(datasources, 'replay <dataset>', 'have images read again')
    .option('--prefix <prefix>', 'those whose names begin so, relative to the datasource')
    .option('--from <time>', 'those last modified since: 2026-01-31, or 2026-01-31T09:00:00Z', time)
    .option('--to <time>', 'those last modified until', time)
    .option('--all', 'all of them')
    .action(withApi(replay));
  apiCommand(
    datasources,
    'dry-run <dataset> [file]',
    'what the filter in a JSON file ("-": standard input) would do',
  ).action(withApi(tryFilter));
  addPauseCommands(datasources);
}

/** `pause` and `resume`, which are commands of datasets too. */
export function addPauseCommands(parent: Command): void {
  apiCommand(parent, 'pause <dataset>', 'let events wait, and schedule no run').action(withApi(pause));
  apiCommand(parent, 'resume <dataset>', 'end a pause: what has waited is worked on').action(withApi(resume));
}

/** @returns ms; a day is that of UTC */
function time(text: string): number {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
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

const started = z.strictObject({});

interface SyncOptions {
  readonly thorough?: true;
  readonly acceptRemovals?: true;
}

async function sync(api: Api, nameOrId: string, { thorough, acceptRemovals }: SyncOptions): Promise<void> {
  const { dataset } = await api.dataset(nameOrId);
  const body = { ...(thorough && { thorough }), ...(acceptRemovals && { acceptRemovals }) };
  await askForDataset(api, dataset.id, { method: 'POST', what: 'sync', body }, started);
  const document = { id: dataset.id, name: dataset.name, started: true };
  api.output.show(document, `The datasource of ${dataset.name} is listed: see winnow datasources status`);
  await noteWhatIsInTheWay(api, dataset);
}

/** What was asked for is not refused, but does not begin either. */
async function noteWhatIsInTheWay(
  api: Api,
  { id, name }: Awaited<ReturnType<Api['dataset']>>['dataset'],
): Promise<void> {
  const { pausedAt } = await askForDataset(api, id, { method: 'GET', what: 'input' }, inputAnswer);
  if (pausedAt === undefined) return;
  api.output.note(`${name} is paused: this begins after winnow datasources resume.`);
}

async function replay(api: Api, nameOrId: string, options: ReplayRequest): Promise<void> {
  const { prefix, from, to, all } = options;
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
  const { id } = await askForDataset(api, dataset.id, { method: 'POST', what: 'replay', body }, replayAnswer);
  const document = { id: dataset.id, name: dataset.name, replay: id };
  api.output.show(document, `Images of ${dataset.name} are read again: see winnow datasources status`);
  await noteWhatIsInTheWay(api, dataset);
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

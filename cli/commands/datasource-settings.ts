import { type Command, InvalidArgumentError } from 'commander';
import { InvalidInputError } from '#contracts/errors';
import { inputSettings } from '#contracts/input-settings';
import { type Api, apiCommand, withApi } from '../api-command.ts';
import { readGivenJson } from '../connection.ts';
import { askForDataset } from '../datasource/input-api.ts';
import { collectedValues } from '../option-values.ts';

interface SettingsOptions {
  readonly set?: readonly (readonly [name: string, value: string])[];
  readonly unset?: readonly string[];
}

/** `winnow datasources settings` */
export function addInputSettingsCommand(datasources: Command): void {
  apiCommand(
    datasources,
    'settings <dataset> [file]',
    'show which objects are taken in and how, or change it: by a JSON file ("-": standard input), which replaces all, or by field',
  )
    .option(
      '--set <name=value>',
      'a field and its value, a text or JSON; may be given several times',
      assignment,
    )
    .option('--unset <name>', 'a field that gets its default; may be given several times', collectedValues)
    .addHelpText('after', `\nFields: ${Object.keys(inputSettings.shape).join(', ')}.\n${EXAMPLE}`)
    .action(withApi(inputSettingsOf));
}

const EXAMPLE = `For example: --set requesterPays=true --set 'include=["2026/**"]' --unset maxBytes`;

type Assignments = NonNullable<SettingsOptions['set']>;

function assignment(text: string, before: Assignments = []): Assignments {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Give a name and a value, such as requesterPays=true.');
  return [...before, [text.slice(0, at), text.slice(at + 1)]];
}

async function inputSettingsOf(
  api: Api,
  nameOrId: string,
  file: string | undefined,
  { set = [], unset = [] }: SettingsOptions,
): Promise<void> {
  const fields = {
    ...Object.fromEntries(set.map(([name, value]) => [name, valueFrom(name, value)])),
    ...Object.fromEntries(unset.map((name) => [name, null])),
  };
  const isChanged = Object.keys(fields).length > 0;
  if (isChanged && file !== undefined) {
    throw new InvalidInputError('The file replaces all fields: give it, or --set and --unset.');
  }
  const change =
    file === undefined
      ? isChanged && ({ method: 'PATCH', body: fields } as const)
      : ({ method: 'PUT', body: sectionIn(await readGivenJson(file, 'The settings document')) } as const);
  const { dataset } = await api.dataset(nameOrId);
  const request = { what: 'input/settings', ...(change || { method: 'GET' as const }) };
  const settings = await askForDataset(api, dataset.id, request, inputSettings);
  api.output.show(settings, JSON.stringify(settings, undefined, 2));
  if (change) {
    api.output.note(
      'The datasource is listed by these settings now: see winnow datasources status. Images that are registered stay.',
    );
  }
}

/** A text where the field takes texts, else JSON: `include=["2026/**"]`. */
function valueFrom(name: string, text: string): unknown {
  const field = Object.entries(inputSettings.shape).find(([known]) => known === name)?.[1];
  if (field?.safeParse(text).success) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Of the field `input` alone, or of settings that have it among others. */
const sectionIn = (document: unknown): unknown =>
  typeof document === 'object' && document !== null && 'input' in document ? document.input : document;

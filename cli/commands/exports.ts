import { Argument, type Command, Option } from 'commander';
import {
  type ApiWorkflowClient,
  BitMask,
  type ExportOptions,
  type ExportRows,
  type FileNameFormat,
  type TagData,
} from '../../client/index.ts';
import { type Api, apiCommand, withApi } from '../api-command.ts';
import { duration } from '../option-values.ts';
import { writeText } from '../output-file.ts';
import { jsonLines, jsonList, plainLines } from '../row-texts.ts';

const TOOLS: Readonly<Record<string, keyof ExportRows>> = {
  'label-studio': 'LabelStudio',
  labelbox: 'LabelBox',
  'labelbox-v4': 'LabelBoxV4',
  sama: 'Sama',
};
const FILENAMES = 'filenames';
const FILENAMES_AND_READ_URLS = 'filenames-and-read-urls';

interface ExportsOptions {
  readonly out?: string;
  readonly lines?: true;
  readonly json?: true;
  readonly expiresIn?: number;
  readonly accessControl?: string;
  readonly fileNameFormat?: FileNameFormat;
  readonly includeMetadata?: true;
  readonly includeGone?: true;
}

/** `winnow exports` */
export function addExportsCommand(program: Command): void {
  const formats = [...Object.keys(TOOLS), FILENAMES, FILENAMES_AND_READ_URLS];
  apiCommand(program, 'exports', 'the samples of a tag, as labelling tools take them')
    .addArgument(new Argument('<format>', 'as whom').choices(formats))
    .argument('<dataset>')
    .argument('[tag]', 'whose samples', 'initial-tag')
    .option('--out <file>', 'file to write (default: standard output)')
    .option('--lines', 'one JSON document a line instead of a list')
    .option('--expires-in <time>', 'after which URLs end: seconds, or as 15m, 12h, 7d', duration)
    .option('--access-control <name>', 'access control that URLs are made for')
    .addOption(
      new Option('--file-name-format <format>', 'what stands for a file').choices([
        'NAME',
        'DATASOURCE_FULL',
        'REDIRECTED_READ_URL',
      ]),
    )
    .option('--include-metadata', 'with what is known of each sample')
    .option('--include-gone', 'filenames: with those whose image is gone, which all other formats leave out')
    .action(withApi(exportTag));
}

async function exportTag(
  { dataset, output, signal }: Api,
  format: string,
  nameOrId: string,
  tagName: string,
  options: ExportsOptions,
): Promise<void> {
  const { client, patient } = await dataset(nameOrId);
  const tag = await client.getTagByName(tagName);
  const { id: tagId } = tag;
  const gone = await (format === FILENAMES && !options.includeGone
    ? linesOfGone(client, tag)
    : new Set<number>());
  const counted = counting(rowsOf(patient, format, tagId, options), gone);
  await writeText(options.out, textOf(counted.rows, format, options), { signal });
  if (gone.size > 0) output.note(`${gone.size} left out: their image is gone.`);
  if (options.out === undefined) return;
  const { out: file } = options;
  output.show({ file, format, tagId, rows: counted.count() }, `${counted.count()} rows are in ${file}`);
}

type Rows = AsyncIterable<unknown>;

function textOf(rows: Rows, format: string, { lines, json }: ExportsOptions): AsyncIterable<string> {
  if (lines) return jsonLines(rows);
  return format === FILENAMES && !json ? plainLines(rows as AsyncIterable<string>) : jsonList(rows);
}

async function* rowsOf(
  client: ApiWorkflowClient,
  format: string,
  tagId: string,
  { expiresIn, accessControl, fileNameFormat, includeMetadata: includeMetaData }: ExportsOptions,
): Rows {
  const options: ExportOptions = { expiresIn, accessControl, fileNameFormat, includeMetaData };
  const tool = TOOLS[format];
  if (tool) yield* client.exportRowsIter(tool, tagId, options);
  else if (format === FILENAMES_AND_READ_URLS) {
    yield* await client.exportFilenamesAndReadUrlsByTagId(tagId, {
      expiresIn,
      accessControl,
      includeMetaData,
    });
  } else {
    const text = await client.exportFilenamesByTagId(tagId, options);
    if (text !== '') yield* text.split('\n');
  }
}

/** Which lines are about samples whose image is gone: there is one for each sample of the tag, by index. */
async function linesOfGone(client: ApiWorkflowClient, tag: TagData): Promise<ReadonlySet<number>> {
  const unavailable = await client.getUnavailableTag();
  // Nothing is left out where these are what is asked for.
  if (!unavailable || unavailable.id === tag.id) return new Set();
  const gone = BitMask.fromHex(unavailable.bitMaskData);
  const lines = BitMask.fromHex(tag.bitMaskData).toIndices().entries();
  return new Set([...lines].flatMap(([line, index]) => (gone.getKthBit(index) ? [line] : [])));
}

interface Counted {
  readonly rows: Rows;
  readonly count: () => number;
}

function counting(rows: Rows, leftOut: ReadonlySet<number>): Counted {
  let count = 0;
  async function* counted(): Rows {
    let line = 0;
    for await (const row of rows) {
      if (leftOut.has(line++)) continue;
      count++;
      yield row;
    }
  }
  return { rows: counted(), count: () => count };
}

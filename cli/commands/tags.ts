import type { Command } from 'commander';
import { ConflictError } from '#contracts/errors';
import type { TagData } from '../../client/index.ts';
import { type Api, apiCommand, withApi } from '../api-command.ts';
import { readFileNames } from '../file-names.ts';
import { type Column, minuteOf } from '../table-output.ts';
import { describeTag, samplesOf } from './tag-details.ts';
import { addTagSetCommands } from './tag-sets.ts';

/** `winnow tags` */
export function addTagsCommands(program: Command): void {
  const tags = program.command('tags').description('named subsets of the samples of a dataset');
  apiCommand(tags, 'list <dataset>', 'all tags, the newest first').action(withApi(listTags));
  apiCommand(tags, 'show <dataset> <tag>', 'what is known of a tag').action(withApi(showTag));
  apiCommand(tags, 'create <dataset> <tag>', 'make a tag of file names')
    .requiredOption(
      '--from <file>',
      'file names: one a line, - for standard input; or a list in a .json file',
    )
    .option('--parent <tag>', 'tag that it is a part of (default: the initial tag)')
    .action(withApi(createTag));
  apiCommand(tags, 'delete <dataset> <tag>', 'delete a tag that is no parent of another').action(
    withApi(deleteTag),
  );
  apiCommand(tags, 'filenames <dataset> <tag>', 'file names of the samples of a tag, one a line')
    .option('--without-parent', 'only those that its parent does not have')
    .action(withApi(printFileNames));
  apiCommand(tags, 'indices <dataset> <tag>', 'indices of the samples of a tag, one a line').action(
    withApi(printIndices),
  );
  apiCommand(tags, 'mask <dataset> <tag>', 'the samples of a tag as a hexadecimal bit mask').action(
    withApi(printMask),
  );
  addTagSetCommands(tags);
}

async function listTags({ dataset, output }: Api, nameOrId: string): Promise<void> {
  const { client } = await dataset(nameOrId);
  const tags = await client.getAllTags();
  const names = new Map(tags.map(({ id, name }) => [id, name]));
  const columns: readonly Column<TagData>[] = [
    { title: 'ID', value: ({ id }) => id },
    { title: 'NAME', value: ({ name }) => name, shrinks: true },
    { title: 'SAMPLES', value: samplesOf, align: 'right' },
    { title: 'PARENT', value: ({ prevTagId }) => names.get(prevTagId ?? ''), shrinks: true },
    { title: 'CREATED (UTC)', value: ({ createdAt }) => minuteOf(createdAt) },
  ];
  output.showRows(tags, columns, 'The dataset has no tags: it has no samples yet.');
}

async function showTag({ dataset, output }: Api, nameOrId: string, tagName: string): Promise<void> {
  const { client } = await dataset(nameOrId);
  const tag = await client.getTagByName(tagName);
  output.show(tag, describeTag(tag));
}

async function createTag(
  { dataset, output }: Api,
  nameOrId: string,
  tagName: string,
  { from, parent }: { readonly from: string; readonly parent?: string },
): Promise<void> {
  const fileNames = await readFileNames(from);
  const { client } = await dataset(nameOrId);
  if ((await client.getAllTags()).some(({ name }) => name === tagName)) {
    throw new ConflictError(`There is a tag with the name '${tagName}' already: choose another one.`);
  }
  const parentTagId = parent === undefined ? undefined : (await client.getTagByName(parent)).id;
  const tag = await client.createTagFromFilenames(fileNames, tagName, { parentTagId });
  output.show(tag, describeTag(tag));
}

async function deleteTag({ dataset, output }: Api, nameOrId: string, tagName: string): Promise<void> {
  const { client } = await dataset(nameOrId);
  const { id, name } = await client.getTagByName(tagName);
  await client.deleteTagById(id);
  output.show({ id, name, deleted: true }, `${name} is deleted`);
}

async function printFileNames(
  { dataset, output }: Api,
  nameOrId: string,
  tagName: string,
  { withoutParent: excludeParentTag }: { readonly withoutParent?: true },
): Promise<void> {
  const { client } = await dataset(nameOrId);
  output.showLines(await client.getFilenamesInTag(await client.getTagByName(tagName), { excludeParentTag }));
}

async function printIndices({ dataset, output }: Api, nameOrId: string, tagName: string): Promise<void> {
  const { client } = await dataset(nameOrId);
  output.showLines(await client.getSamplesInTag(tagName, { as: 'indices' }));
}

async function printMask({ dataset, output }: Api, nameOrId: string, tagName: string): Promise<void> {
  const { client } = await dataset(nameOrId);
  const mask = (await client.getSamplesInTag(tagName, { as: 'mask' })).toHex();
  output.show(mask, mask);
}

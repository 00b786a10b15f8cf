import { type Command, Option } from 'commander';
import { ConflictError } from '#contracts/errors';
import { type ApiWorkflowClient, BitMask, type TagData } from '../../client/index.ts';
import { type Api, apiCommand, withApi } from '../api-command.ts';
import { describeTag } from './tag-details.ts';

interface SetOptions {
  readonly as: 'filenames' | 'indices' | 'mask';
  readonly save?: string;
}
type Operation = 'UNION' | 'INTERSECTION' | 'DIFFERENCE';

/** `winnow tags union`, `intersection`, `difference` */
export function addTagSetCommands(tags: Command): void {
  const descriptions: readonly (readonly [Operation, string])[] = [
    ['UNION', 'samples that are in one of two tags'],
    ['INTERSECTION', 'samples that are in both of two tags'],
    ['DIFFERENCE', 'samples that are in the first tag and not in the second'],
  ];
  for (const [operation, description] of descriptions) {
    apiCommand(tags, `${operation.toLowerCase()} <dataset> <tag> <other-tag>`, description)
      .addOption(
        new Option('--as <form>', 'how they are printed')
          .choices(['filenames', 'indices', 'mask'])
          .default('filenames'),
      )
      .option('--save <tag>', 'make a tag of them instead')
      .action(
        withApi((api, dataset: string, tag: string, other: string, options: SetOptions) =>
          combine(api, { operation, dataset, tag, other, ...options }),
        ),
      );
  }
}

interface Combination extends SetOptions {
  readonly operation: Operation;
  readonly dataset: string;
  readonly tag: string;
  readonly other: string;
}

async function combine({ dataset: open, output }: Api, combination: Combination): Promise<void> {
  const { operation, tag, other, as, save } = combination;
  const { client, dataset } = await open(combination.dataset);
  const [tagId1, tagId2] = [(await client.getTagByName(tag)).id, (await client.getTagByName(other)).id];
  const sets = { tagId1, tagId2, operation };
  if (save !== undefined) {
    const made = await savedAs(save, sets, client, dataset.id);
    output.show(made, describeTag(made));
    return;
  }
  const request = { path: { datasetId: dataset.id }, body: sets };
  const { bitMaskData } = await client.call('perform_tag_arithmetics_bitmask', request);
  const mask = BitMask.fromHex(bitMaskData);
  if (as === 'mask') output.show(bitMaskData, bitMaskData);
  else output.showLines(as === 'indices' ? mask.toIndices() : mask.select(await client.getFilenames()));
}

interface Sets {
  readonly tagId1: string;
  readonly tagId2: string;
  readonly operation: Operation;
}

async function savedAs(
  newTagName: string,
  sets: Sets,
  client: ApiWorkflowClient,
  datasetId: string,
): Promise<TagData> {
  if ((await client.getAllTags()).some(({ name }) => name === newTagName)) {
    throw new ConflictError(`There is a tag with the name '${newTagName}' already: choose another one.`);
  }
  const body = { ...sets, newTagName, creator: 'USER_PIP' as const };
  await client.call('perform_tag_arithmetics', { path: { datasetId }, body });
  return client.getTagByName(newTagName);
}

import { type Command, InvalidArgumentError, Option } from 'commander';
import { WinnowError } from '#contracts/errors';
import type { ImageSize, UploadMode, UploadResult } from '../../client/index.ts';
import { type Api, apiCommand, withApi } from '../api-command.ts';
import type { DatasetClient } from '../dataset-client.ts';
import { tellFailures } from '../failed-files.ts';
import { noteInterruption } from '../interruption.ts';
import { wholeNumber } from '../option-values.ts';
import { withProgressBar } from '../progress.ts';

interface UploadOptions {
  readonly mode: UploadMode;
  readonly imageSize?: ImageSize;
  readonly workers: number;
  readonly resume: boolean;
  readonly create?: true;
}

/** `winnow upload` */
export function addUploadCommand(program: Command): void {
  apiCommand(program, 'upload <folder> <dataset>', 'upload the images of a folder and its subfolders')
    .addOption(
      new Option('--mode <mode>', 'what of each image is uploaded')
        .choices(['full', 'thumbnails', 'metadata'])
        .default('full'),
    )
    .option('--image-size <size>', 'shorter side in pixels, or WxH; images are made this large', imageSize)
    .option('--workers <n>', 'images at the same time', wholeNumber, 8)
    .option('--no-resume', 'upload images again that are there already')
    .option('--create', 'make the dataset where there is none of this name')
    .action(withApi(upload));
}

async function upload(api: Api, folder: string, nameOrId: string, options: UploadOptions): Promise<void> {
  const { output, signal } = api;
  const { mode, imageSize: size, workers, resume } = options;
  const { dataset, patient } = await (options.create ? foundOrMade(api, nameOrId) : api.dataset(nameOrId));
  const result = await withProgressBar('upload', (onProgress) =>
    patient.uploadFolder(folder, { mode, imageSize: size, workers, resume, onProgress }),
  ).catch(noteInterruption(signal, () => output.note('Interrupted: the same command goes on where it was.')));
  const { uploaded, skipped, failed, tagId } = result;
  if (uploaded + skipped + failed.length === 0) output.note(`There are no images in ${folder}.`);
  const counts = { dataset: { id: dataset.id, name: dataset.name }, uploaded, skipped, tagId };
  output.show(
    { ...counts, failed: failed.map(({ fileName, error }) => ({ fileName, error: error.message })) },
    describe(result),
  );
  tellFailures(failed, output, 'Giving the command again uploads only those.');
}

const describe = ({ uploaded, skipped, tagId }: UploadResult): string =>
  [
    `${uploaded} uploaded`,
    ...(skipped > 0 ? [`${skipped} were there already`] : []),
    ...(tagId === undefined ? [] : [`tag ${tagId}`]),
  ].join(', ');

async function foundOrMade(api: Api, name: string): Promise<DatasetClient> {
  try {
    return await api.dataset(name);
  } catch (error) {
    if (!(error instanceof WinnowError && error.code === 'NOT_FOUND')) throw error;
    const { id } = await api.client.call('create_dataset', { body: { name, creator: 'USER_PIP' } });
    return api.dataset(id);
  }
}

/** `1024`, or `1024x768` */
export function imageSize(text: string): ImageSize {
  const match = /^(\d{1,5})(?:x(\d{1,5}))?$/.exec(text);
  const [width, height] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  if (!(width > 0 && height > 0))
    throw new InvalidArgumentError('Give a number of pixels, such as 1024, or 1024x768.');
  return match?.[2] === undefined ? width : [width, height];
}

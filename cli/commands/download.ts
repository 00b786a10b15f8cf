import type { Command } from 'commander';
import { type Api, apiCommand, withApi } from '../api-command.ts';
import { tellFailures } from '../failed-files.ts';
import { noteInterruption } from '../interruption.ts';
import { wholeNumber } from '../option-values.ts';
import { withProgressBar } from '../progress.ts';

interface DownloadOptions {
  readonly tag: string;
  readonly parallel: number;
  readonly skipExisting?: true;
}

/** `winnow download` */
export function addDownloadCommand(program: Command): void {
  apiCommand(program, 'download <dataset> <folder>', 'download the images of a tag into a folder')
    .option('--tag <name>', 'whose images', 'initial-tag')
    .option('--parallel <n>', 'images at the same time', wholeNumber, 8)
    .option('--skip-existing', 'leave images that are in the folder already as they are')
    .addHelpText(
      'after',
      '\nEmbeddings: winnow embeddings download. What runs have made: winnow runs artifacts.',
    )
    .action(withApi(download));
}

async function download(api: Api, nameOrId: string, folder: string, options: DownloadOptions): Promise<void> {
  const { output, signal } = api;
  const { tag, parallel, skipExisting = false } = options;
  const { dataset, patient } = await api.dataset(nameOrId);
  const { downloaded, skipped, gone, failed } = await withProgressBar('download', (onProgress) =>
    patient.downloadDataset(folder, tag, { parallel, skipExisting, onProgress }),
  ).catch(
    noteInterruption(signal, () =>
      output.note('Interrupted: with --skip-existing the same command goes on where it was.'),
    ),
  );
  const failures = failed.map(({ fileName, error }) => ({ fileName, error: error.message }));
  const said = [
    `${downloaded} downloaded to ${folder}`,
    ...(skipped > 0 ? [`${skipped} were there already`] : []),
    ...(gone > 0 ? [`${gone} left out: their image is gone`] : []),
  ];
  output.show(
    {
      dataset: { id: dataset.id, name: dataset.name },
      tag,
      folder,
      downloaded,
      skipped,
      gone,
      failed: failures,
    },
    said.join(', '),
  );
  tellFailures(failed, output, 'With --skip-existing, the same command downloads only those.');
}

import { Command, InvalidArgumentError } from 'commander';
import { DEFAULT_SELECTION, type SelectionConfig } from '#contracts/selection-config';

/**
 * Diversity alone begins with outliers, which in a folder of photos are the odd shots. Together with typicality it
 * shows more of the kinds that there are: docs/selection.md has both.
 */
const DIVERSE_AND_TYPICAL: SelectionConfig['strategies'] = [
  ...DEFAULT_SELECTION.strategies,
  { input: { type: 'EMBEDDINGS' }, strategy: { type: 'TYPICALITY' } },
];

/** `winnow demo`: the whole pipeline on this machine, on a folder of photos. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('run the whole pipeline on this machine on a folder of photos, and collect the exports')
    .option('--images <dir>', 'folder of photos, read with its sub-folders (default: a drawn photo set)')
    .option('--select <N|P%>', 'how many to select: a number, or a percentage', parseSelect, {
      ...DEFAULT_SELECTION,
      strategies: DIVERSE_AND_TYPICAL,
    })
    .option(
      '--out <dir>',
      'where exports, archive, report, contact sheet and summary.json are put',
      'demo-output',
    )
    .option('--keep', 'stay up afterwards, to look around with the AWS CLI; Ctrl-C ends it', false)
    .action(async (options: { images?: string; select: SelectionConfig; out: string; keep: boolean }) => {
      // The demo brings the whole pipeline along, which takes the other commands a second to load.
      const { runDemo } = await import('../demo/run-demo.ts');
      await runDemo({
        ...(options.images !== undefined && { imagesDirectory: options.images }),
        selection: options.select,
        outDirectory: options.out,
        keep: options.keep,
      });
    });
}

/** `50` or `10%`, as a selection of images that are different and typical. */
export function parseSelect(text: string): SelectionConfig {
  const strategies = DIVERSE_AND_TYPICAL;
  const match = /^(?<amount>\d+(?:\.\d+)?)(?<percent>%?)$/.exec(text.trim());
  const amount = Number(match?.groups?.amount);
  if (match?.groups?.percent && amount > 0 && amount <= 100) {
    return { proportionSamples: amount / 100, strategies };
  }
  if (match && !match.groups?.percent && Number.isInteger(amount) && amount > 0) {
    return { nSamples: amount, strategies };
  }
  throw new InvalidArgumentError(
    'Give a whole number above 0, such as 50, or a percentage up to 100%, such as 10%.',
  );
}

import type { Command } from 'commander';
import { type EmbeddingModelDescription, referenceOf } from '#contracts/embedding-models';
import type { ModelsTarget } from '../embedding-models.ts';
import { outputTo } from '../output.ts';
import type { Column } from '../table-output.ts';
import { withResource } from './deployed-resource.ts';

type Options = ModelsTarget & { readonly json?: boolean };

/** `winnow models`: the learned embedding models that datasets can choose. */
export function addModelsCommands(program: Command): void {
  const models = program.command('models').description('learned embedding models that datasets can choose');
  withBucket(models.command('add <description> <model>'))
    .description('try an ONNX model on a picture and add it, with its description (JSON)')
    .action(async (description: string, model: string, options: Options) => {
      const added = await (await onTheBucket()).addModel(description, model, options);
      const reference = referenceOf(added);
      outputTo(options).show(added, `${reference} is there: set ingest.embeddingModel to "${reference}"`);
    });
  withBucket(models.command('list').description('the models that are there')).action(
    async (options: Options) =>
      outputTo(options).showRows(
        await (await onTheBucket()).listModels(options),
        COLUMNS,
        'There are no models yet: winnow models add <description> <model>',
      ),
  );
}

const COLUMNS: readonly Column<EmbeddingModelDescription>[] = [
  { title: 'MODEL', value: referenceOf },
  { title: 'LOOKS AT', value: ({ input: { width, height } }) => `${width} × ${height}` },
  { title: 'VALUES', value: ({ output }) => output.dimension },
];

const withBucket = (command: Command): Command =>
  withResource(command, '--platform-bucket', 'PlatformBucketName', 'WINNOW_PLATFORM_BUCKET').option(
    '--json',
    'print JSON',
  );

/** These commands need the AWS SDK and the ONNX runtime, whose loading takes longer than all of another command. */
const onTheBucket = () => import('../embedding-models.ts');

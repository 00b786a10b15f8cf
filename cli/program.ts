import { Command } from 'commander';
import { addDatasetsCommands } from './commands/datasets.ts';
import { addDatasourcesCommands } from './commands/datasources.ts';
import { demoCommand } from './commands/demo.ts';
import { addDownloadCommand } from './commands/download.ts';
import { addEmbeddingsCommands } from './commands/embeddings.ts';
import { addExportsCommand } from './commands/exports.ts';
import { addModelsCommands } from './commands/models.ts';
import { addRunsCommands } from './commands/runs.ts';
import { settingsCommand } from './commands/settings.ts';
import { addTagsCommands } from './commands/tags.ts';
import { addTokensCommands } from './commands/tokens.ts';
import { addUploadCommand } from './commands/upload.ts';
import { addWorkerCommand } from './commands/worker.ts';
import { EXIT } from './exit-codes.ts';
import { endingOf } from './explain-error.ts';

const AFTER_HELP = `
Where the API is, and the token: $WINNOW_API_URL and $WINNOW_TOKEN, or the options of each command.
A dataset is given by its name or its id.

Exit codes: 0 done, 1 failed, 2 called wrongly, 3 not found, 4 not allowed, 5 conflict,
            6 the run did not complete, 130 interrupted`;

const program = new Command('winnow')
  .description('Drop images into a bucket, receive curated, ready-to-label exports.')
  .addHelpText('after', AFTER_HELP);
addDatasetsCommands(program);
addUploadCommand(program);
addDownloadCommand(program);
addTagsCommands(program);
addEmbeddingsCommands(program);
addModelsCommands(program);
addRunsCommands(program);
addExportsCommand(program);
addDatasourcesCommands(program);
addTokensCommands(program);
addWorkerCommand(program);
program.addCommand(settingsCommand()).addCommand(demoCommand());
throwInsteadOfExiting(program);

// Whoever read the output has seen enough: `winnow ... | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.OK);
});

try {
  await program.parseAsync();
} catch (error) {
  const { exitCode, message, isUnexpected } = endingOf(error);
  const tellsAll = isUnexpected || (message !== undefined && process.argv.includes('--verbose'));
  if (tellsAll) console.error(error);
  else if (message !== undefined) console.error(message);
  process.exitCode = exitCode;
}

/** The sub-commands too, so that wrong options of theirs end with the same exit code. */
function throwInsteadOfExiting(command: Command): void {
  command.exitOverride();
  for (const subcommand of command.commands) throwInsteadOfExiting(subcommand);
}

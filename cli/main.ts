import { Command, CommanderError } from 'commander';
import { WinnowError } from '#contracts/errors';
import { demoCommand } from './commands/demo.ts';
import { settingsCommand } from './commands/settings.ts';
import { InterruptedError } from './demo/interruption.ts';

/** Exit codes: 0 done, 1 failed, 2 called wrongly, 130 interrupted, as shells have it. */
const CALLED_WRONGLY = 2;
const INTERRUPTED = 130;

const program = new Command('winnow')
  .description('Drop images into a bucket, receive curated, ready-to-label exports.')
  .addCommand(demoCommand())
  .addCommand(settingsCommand());
throwInsteadOfExiting(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : CALLED_WRONGLY;
  } else if (error instanceof InterruptedError) {
    process.exitCode = INTERRUPTED;
  } else if (error instanceof WinnowError) {
    console.error(error.message);
    process.exitCode = error.code === 'INVALID_INPUT' ? CALLED_WRONGLY : 1;
  } else {
    console.error(error);
    process.exitCode = 1;
  }
}

/** The sub-commands too, so that wrong options of theirs end with the same exit code. */
function throwInsteadOfExiting(command: Command): void {
  command.exitOverride();
  for (const subcommand of command.commands) throwInsteadOfExiting(subcommand);
}

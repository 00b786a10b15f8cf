import { Command, CommanderError } from 'commander';
import { WinnowError } from '#contracts/errors';
import { demoCommand } from './commands/demo.ts';
import { settingsCommand } from './commands/settings.ts';

/** Exit codes: 0 done, 1 failed, 2 called wrongly. */
const CALLED_WRONGLY = 2;

const program = new Command('winnow')
  .description('Drop images into a bucket, receive curated, ready-to-label exports.')
  .exitOverride()
  .addCommand(demoCommand())
  .addCommand(settingsCommand());
for (const command of program.commands) command.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : CALLED_WRONGLY;
  } else if (error instanceof WinnowError) {
    console.error(error.message);
    process.exitCode = error.code === 'INVALID_INPUT' ? CALLED_WRONGLY : 1;
  } else {
    console.error(error);
    process.exitCode = 1;
  }
}

import type { Command } from 'commander';

/** An option for the name of a deployed resource: an output of the stack, or the environment. */
export function withResource(command: Command, flag: string, output: string, variable: string): Command {
  const value = process.env[variable];
  const description = `output ${output} of the stack (default: $${variable})`;
  return value
    ? command.option(`${flag} <name>`, description, value)
    : command.requiredOption(`${flag} <name>`, description);
}

import type { Table } from '#aws/table';

interface Consumed {
  readonly CapacityUnits?: number;
}

/** What work reads of the table, in the units that DynamoDB has paid. */
export async function readUnits({ client }: Table, work: () => Promise<void>): Promise<number> {
  let units = 0;
  const name = 'countReadUnits';
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        if (!/^(Get|BatchGet|Query)/.test(commandName)) return next(args);
        const answer = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } });
        const { ConsumedCapacity = [] } = answer.output as { ConsumedCapacity?: Consumed | Consumed[] };
        for (const { CapacityUnits = 0 } of [ConsumedCapacity].flat()) units += CapacityUnits;
        return answer;
      },
    { name, step: 'initialize' },
  );
  try {
    await work();
    return units;
  } finally {
    client.middlewareStack.remove(name);
  }
}

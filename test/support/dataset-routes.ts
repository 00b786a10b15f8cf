import { DEFAULT_SETTINGS } from '#contracts/settings';
import type { DatasourceWorld } from './datasource-world.ts';
import { functionUrlEvent, lambdaContext } from './lambda-invocation.ts';
import { takeMessages } from './queue-contents.ts';

export type WorldUser = Awaited<ReturnType<DatasourceWorld['addUser']>>;
export type DatasetRoutes = ReturnType<typeof datasetRoutes>;

/** Winnow's own operations on one dataset, as its owner asks for them unless somebody else is named. */
export function datasetRoutes(world: DatasourceWorld, datasetId: string, owner: WorldUser) {
  const ask = async (method: string, what: string, body?: unknown, { token } = owner) => {
    const [path = '', query = ''] = what.split('?');
    const request = {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    };
    const event = functionUrlEvent(
      `/winnow/v1/datasets/${datasetId}/${path}`,
      new URLSearchParams(query),
      request,
    );
    const result = await world.answer(event, lambdaContext());
    const text = String(result.body);
    return { status: result.statusCode, body: text === '' ? undefined : JSON.parse(text) };
  };
  return {
    ask,
    /** The body of what is not refused. */
    answered: async (...request: Parameters<typeof ask>) => {
      const { status, body } = await ask(...request);
      if (status >= 300) throw new Error(`${request[1]} was refused with ${status}: ${JSON.stringify(body)}`);
      return body;
    },
    /** What the stage sync was sent since this was asked last, about any dataset. */
    messages: () => takeMessages(world.storage.sqs, world.syncQueueUrl),
    /** Changes fields of `input` in its settings; all others are as usual. */
    settings: async (input: object): Promise<void> => {
      const { settingsVersion } = (await world.deps.datasets.get(datasetId))!;
      const changed = { ...DEFAULT_SETTINGS, input: { ...DEFAULT_SETTINGS.input, ...input } };
      await world.deps.datasets.replaceSettings(datasetId, changed, settingsVersion);
    },
  };
}

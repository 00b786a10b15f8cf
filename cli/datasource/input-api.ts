import type { ZodType } from 'zod';
import type { Api } from '../api-command.ts';
import { callOwnApi } from '../own-api.ts';

/** Asks for what is Winnow's own of a dataset. @param what below `datasets/<id>/` */
export const askForDataset = <Answer>(
  api: Api,
  datasetId: string,
  {
    method,
    what,
    body,
  }: {
    readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
    readonly what: string;
    readonly body?: unknown;
  },
  schema: ZodType<Answer>,
): Promise<Answer> =>
  callOwnApi(
    api,
    { method, path: `datasets/${datasetId}/${what}`, ...(body !== undefined && { body }) },
    schema,
  );

import { randomUUID } from 'node:crypto';
import type { DatasourcePermission, DatasourceVerification } from '#contracts/datasource-state';
import { InvalidInputError, RetryableError } from '#contracts/errors';
import { RESERVED_FOLDER } from '#contracts/s3-keys';
import type { DatasourceConnections, DatasourceObjects, ReadableDatasource } from './datasource-objects.ts';
import type { Datasource } from './datasources.ts';

/**
 * Tries what Winnow does with a dataset's datasources: lists and reads INPUT; writes, overwrites, reads and deletes an
 * object of its own in LIGHTLY. Nothing is left behind where deleting is allowed.
 */
export async function verifyDatasources(
  { input, lightly }: { readonly input: Datasource; readonly lightly: Datasource },
  { datasourceConnections }: { readonly datasourceConnections: DatasourceConnections },
): Promise<DatasourceVerification> {
  const errors: Partial<Record<DatasourcePermission, string>> = {};
  const attempt = async <T>(permissions: DatasourcePermission[], work: () => Promise<T>) => {
    try {
      return await work();
    } catch (error) {
      for (const permission of permissions) errors[permission] ??= refusalOf(error);
      return undefined;
    }
  };
  const source = await attempt(['canList', 'canRead'], () => datasourceConnections.open(input));
  if (source) {
    const listed = await attempt(['canList'], async () => ({ name: await firstName(source) }));
    if (listed) await attempt(['canRead'], () => readByte(source, listed.name ?? probeName()));
    else errors.canRead = 'Reading could not be tried: no file can be listed.';
  }
  const target = await attempt(['canWrite', 'canOverwrite'], () =>
    datasourceConnections.open({ ...lightly, use: 'LIGHTLY' }),
  );
  if (target) await tryToWrite(target, attempt);
  return {
    canList: errors.canList === undefined,
    canRead: errors.canRead === undefined,
    canWrite: errors.canWrite === undefined,
    canOverwrite: errors.canOverwrite === undefined,
    ...(Object.keys(errors).length > 0 && { errors }),
  };
}

type Attempt = <T>(permissions: DatasourcePermission[], work: () => Promise<T>) => Promise<T | undefined>;

const probeName = (): string => `${RESERVED_FOLDER}verify/${randomUUID()}.txt`;

async function tryToWrite(target: DatasourceObjects, attempt: Attempt): Promise<void> {
  const name = probeName();
  const write = (body: string) => async () => {
    await target.put(name, body, { contentType: 'text/plain' });
    return true;
  };
  await attempt(['canList'], () => target.list({ prefix: RESERVED_FOLDER, after: undefined, limit: 1 }));
  const isWritten = await attempt(['canWrite', 'canOverwrite'], write('first'));
  if (!isWritten) return;
  await attempt(['canOverwrite'], write('second'));
  await attempt(['canRead'], () => readByte(target, name));
  // What a run writes it may have to take away, so a place that only grows is none to write to.
  await attempt(['canWrite'], () => target.delete(name));
}

async function firstName(source: ReadableDatasource): Promise<string | undefined> {
  const { files } = await source.list({ prefix: '', after: undefined, limit: 10 });
  return files.find(({ name }) => !name.endsWith('/'))?.name;
}

/** Where there is no such file, its absence is told only to those who may read it. */
async function readByte(source: ReadableDatasource, name: string): Promise<void> {
  const file = await source.open(name, { bytes: 1 });
  file?.body.destroy();
}

function refusalOf(error: unknown): string {
  if (error instanceof InvalidInputError) return error.message;
  if (error instanceof RetryableError && error.code === 'ACCESS_DENIED') {
    return `${error.message} It is one of Winnow's own buckets: ask whoever deployed it.`;
  }
  throw error;
}

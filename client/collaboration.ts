import type { Session } from './session.ts';
import type { Abortable } from './transport.ts';

/** Who else may use a dataset. */
export class Collaboration {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Shares a dataset with exactly these users; an empty list shares it with nobody. */
  async shareDatasetOnlyWith(
    datasetId: string,
    userEmails: readonly string[],
    options: Abortable = {},
  ): Promise<void> {
    const { call, settings } = this.#session;
    const accessType = 'WRITE' as const;
    const body = { accessType, users: [...userEmails], creator: settings.creator };
    await call('create_or_update_shared_access_config_by_dataset_id', { path: { datasetId }, body }, options);
  }

  /** E-mail addresses of the users that a dataset is shared with. */
  async getSharedUsers(datasetId: string, options: Abortable = {}): Promise<string[]> {
    const configs = await this.#session.call(
      'get_shared_access_configs_by_dataset_id',
      { path: { datasetId } },
      options,
    );
    return configs.find(({ accessType }) => accessType === 'WRITE')?.users ?? [];
  }
}

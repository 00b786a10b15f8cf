import { SyncFailedError } from './errors.ts';
import { askOfDataset, type Session } from './session.ts';
import { type Abortable, anySignal, type OwnRequest } from './transport.ts';

/** Times are milliseconds. */
export interface DatasourceStatus {
  readonly datasource: {
    readonly type: string;
    readonly purpose: string;
    readonly path: string;
    readonly region?: string;
    readonly role?: string;
  };
  /** `none`: it is listed only. */
  readonly events: {
    readonly from: 'landing' | 'bucket' | 'none';
    readonly bucket?: string;
    readonly lastAt?: number;
  };
  readonly pausedAt?: number;
  /** What the datasource refuses, and what to do. */
  readonly problem?: {
    readonly use: 'INPUT' | 'LIGHTLY';
    readonly code: string;
    readonly reason: string;
    readonly since: number;
  };
  /** The listing or replay that is under way, or the last one. */
  readonly sync?: {
    readonly kind: 'compare' | 'replay';
    readonly state: 'RUNNING' | 'DONE' | 'FAILED';
    readonly startedAt: number;
    readonly finishedAt?: number;
    readonly error?: string;
    /** Why the first listing read no report of the inventory. */
    readonly reportProblem?: string;
    readonly listed: number;
    readonly estimatedTotal?: number;
    readonly estimatedSecondsLeft?: number;
    /** What ingest was asked to look at, and by reason what was left out. */
    readonly counts: {
      readonly missed: number;
      /** Of what is missed: in an archive, so that it can't be read. */
      readonly missedInArchive?: number;
      readonly changed: number;
      readonly gone: number;
      readonly skipped: Readonly<Record<string, number>>;
    };
  };
  readonly counts: {
    readonly samples: number;
    /** Of these, whose image is gone. */
    readonly unavailable: number;
    /** Images that no run has read, and events that wait: counted up to 1,000. */
    readonly pending: number;
    readonly held: number;
    /** What was registered when the last complete listing began. `archived`: read before it went to an archive. */
    readonly registry?: {
      readonly at: number;
      readonly registered: number;
      readonly archived: number;
      readonly rejected: Readonly<Record<string, number>>;
    };
  };
}

/** How far a sync or a replay is that was asked for. */
export interface AskedSync {
  readonly id: string;
  readonly state: 'WAITING' | 'RUNNING' | 'DONE' | 'FAILED';
  /** Why it is FAILED, and what to do. */
  readonly error?: string;
  /** Nothing goes on before somebody resumes the dataset. */
  readonly pausedAt?: number;
}

export interface SyncOptions extends Abortable {
  /** As if nothing was known of earlier listings. */
  readonly thorough?: boolean;
  /** All images count as gone where nothing at all is listed: else that is refused. */
  readonly acceptRemovals?: boolean;
}

export interface ReplayOptions extends Abortable {
  /** Beginning of names, relative to the datasource. */
  readonly prefix?: string;
  /** Last modification, both inclusive; milliseconds, or ISO 8601 with a time zone. */
  readonly from?: number | string;
  readonly to?: number | string;
  /** Has to be said where nothing narrows it. */
  readonly all?: true;
}

/** ms */
const POLL_INTERVAL = 5_000;

/** How images of the dataset in use are looked for, read again, and left to wait. */
export class DatasourceWork {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async getDatasourceStatus({ signal }: Abortable = {}): Promise<DatasourceStatus> {
    return this.#ask({ method: 'GET', path: 'input' }, { signal });
  }

  /** Has the datasource listed, for what no event has told of. @returns what `waitForSync` waits for */
  async syncDatasource({ signal, ...body }: SyncOptions = {}): Promise<string> {
    const { id } = await this.#ask<AskedSync>({ method: 'POST', path: 'sync', body }, { signal });
    return id;
  }

  /** Has images read once more, though nothing has changed. @returns what `waitForSync` waits for */
  async replayDatasource({ signal, ...body }: ReplayOptions): Promise<string> {
    const { id } = await this.#ask<AskedSync>({ method: 'POST', path: 'replay', body }, { signal });
    return id;
  }

  /** @param id of what was asked for */
  async getSync(id: string, { signal }: Abortable = {}): Promise<AskedSync> {
    return this.#ask({ method: 'GET', path: `syncs/${encodeURIComponent(id)}` }, { signal });
  }

  /**
   * Until all that was asked for is on its way to be read. A pause is waited for too.
   * @param options `pollInterval`: time between two looks in milliseconds; 5000 unless given
   * @throws SyncFailedError where the datasource refuses
   */
  async waitForSync(
    id: string,
    { pollInterval = POLL_INTERVAL, signal }: { readonly pollInterval?: number | undefined } & Abortable = {},
  ): Promise<void> {
    const { settings } = this.#session;
    const ending = anySignal(signal, settings.signal);
    for (;;) {
      const { state, error } = await this.getSync(id, { signal });
      if (state === 'DONE') return;
      if (state === 'FAILED') throw new SyncFailedError(error ?? 'The datasource could not be listed.');
      await settings.sleep(pollInterval, ending);
    }
  }

  /** Lets events wait, and has no run scheduled by itself. */
  async pauseDataset({ signal }: Abortable = {}): Promise<void> {
    await this.#ask({ method: 'POST', path: 'pause' }, { signal });
  }

  /** What has waited is worked on. */
  async resumeDataset({ signal }: Abortable = {}): Promise<void> {
    await this.#ask({ method: 'POST', path: 'resume' }, { signal });
  }

  #ask<Answer>(request: OwnRequest, options: Abortable): Promise<Answer> {
    return askOfDataset(this.#session, request, options);
  }
}

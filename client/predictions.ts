import type { PredictionSingleton, PredictionTaskSchema } from './protocol.ts';
import { currentDatasetId, type Session } from './session.ts';
import type { Abortable } from './transport.ts';

export interface PredictionVersion extends Abortable {
  /** The protocol keeps it for old callers; it changes nothing. */
  readonly predictionVersionId?: number | undefined;
}

/** What models have found in the images of the dataset in use. */
export class Predictions {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Says which categories a task has. */
  async createOrUpdatePredictionTaskSchema(
    schema: PredictionTaskSchema,
    options: PredictionVersion = {},
  ): Promise<void> {
    const { signal } = options;
    const path = { datasetId: await currentDatasetId(this.#session, { signal }) };
    const operation = 'create_or_update_prediction_task_schema_by_dataset_id';
    await this.#session.call(operation, { path, query: versionOf(options), body: schema }, { signal });
  }

  /** Sets the predictions of a sample, for all their tasks. */
  async createOrUpdatePrediction(
    sampleId: string,
    predictions: readonly PredictionSingleton[],
    options: PredictionVersion = {},
  ): Promise<void> {
    const { signal } = options;
    const path = { datasetId: await currentDatasetId(this.#session, { signal }), sampleId };
    const request = { path, query: versionOf(options), body: [...predictions] };
    await this.#session.call('create_or_update_prediction_by_sample_id', request, { signal });
  }
}

const versionOf = ({ predictionVersionId }: PredictionVersion) => ({
  predictionUUIDTimestamp: predictionVersionId,
});

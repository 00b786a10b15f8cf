import { datasetName } from '#contracts/dataset-name';
import { InvalidInputError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { parseWith } from '#contracts/schema';
import type { SelectionConfig } from '#contracts/selection-config';
import { type DatasetSettings, datasetSettings } from '#contracts/settings';
import {
  checkInputSettings,
  type FollowInputDeps,
  followInput,
} from '../datasources/configuration/change-input-settings.ts';
import type { DatasetStore } from './datasets.ts';

/**
 * Replaces a dataset's settings; sections and fields that `document` leaves out get their defaults. The dataset is
 * made by `make` when it does not exist yet, so that it can be configured before its first image.
 *
 * @throws InvalidInputError naming each wrong field, or the part of the selection that the worker can't do.
 * @throws ConflictError where somebody else changed the settings at the same moment.
 */
export async function changeSettings(
  input: { readonly name: string; readonly document: unknown; readonly make: (id: string) => Dataset },
  deps: {
    readonly datasets: DatasetStore;
    /** Throws InvalidInputError for a selection that a run would refuse. */
    readonly checkSelection: (selection: SelectionConfig) => void;
    /** For what depends on `input`. Without it, datasources are asked in the new way when they are listed next. */
    readonly input?: Omit<FollowInputDeps, 'datasets'>;
  },
): Promise<DatasetSettings> {
  const settings = parseWith(datasetSettings, input.document, 'The settings document');
  if (settings.schedule.maxWaitSeconds < settings.schedule.quietPeriodSeconds) {
    throw new InvalidInputError(
      'Settings are not valid. schedule.maxWaitSeconds: expected at least schedule.quietPeriodSeconds',
    );
  }
  checkInputSettings(settings.input);
  deps.checkSelection(settings.run.selection);
  const name = parseWith(datasetName, input.name, 'Dataset name');
  const dataset = await deps.datasets.ensure(name, input.make);
  const write = () => deps.datasets.replaceSettings(dataset.id, settings, dataset.settingsVersion);
  if (deps.input === undefined) await write();
  else
    await followInput({ dataset, input: settings.input }, write, { ...deps.input, datasets: deps.datasets });
  return settings;
}

import { TEAM_ID } from '#contracts/access';
import type { CompatWorld } from './compat-world.ts';

/** A program of a user of the client. */
export interface Chapter {
  /** In `chapters/`. */
  readonly file: string;
  /** Prepares what the program needs. @returns its arguments */
  readonly prepare: (world: CompatWorld) => Promise<string[]>;
}

const COLLEAGUE = 'colleague@example.com';

/** In the order in which they begin: those first whose runs take longest. */
export const CHAPTERS: readonly Chapter[] = [
  {
    file: 'select_by_what_is_known.py',
    prepare: async ({ describedDataset, completedDataset }) => [
      await describedDataset('Known scenes'),
      await completedDataset('Photos to be like'),
    ],
  },
  {
    file: 'train_tile_and_sequence.py',
    prepare: async ({ trainingDataset }) => [await trainingDataset('Photos to train on')],
  },
  {
    file: 'schedule_and_monitor.py',
    prepare: async ({ waitingDataset }) => [await waitingDataset('Street scenes')],
  },
  {
    file: 'datapool.py',
    prepare: ({ growingDataset, photosFolder }) => growingDataset('Growing archive', photosFolder),
  },
  {
    file: 'own_worker.py',
    prepare: async ({ completedDataset }) => [await completedDataset('Photos for my own worker')],
  },
  { file: 's3_delegated_access.py', prepare: ({ foreignBucket }) => foreignBucket() },
  { file: 'first_dataset.py', prepare: async () => [] },
  {
    file: 'collaboration.py',
    prepare: async ({ colleague }) => [COLLEAGUE, await colleague(COLLEAGUE)],
  },
  {
    file: 'embeddings.py',
    prepare: async ({ completedDataset }) => [await completedDataset('Embedded photos')],
  },
  {
    file: 'predictions.py',
    prepare: async ({ completedDataset }) => [await completedDataset('Predicted photos')],
  },
  {
    file: 'custom_metadata.py',
    prepare: async ({ completedDataset }) => [await completedDataset('Described photos')],
  },
  { file: 'tags.py', prepare: async ({ completedDataset }) => [await completedDataset('Tagged photos')] },
  {
    file: 'export_to_labelling_tools.py',
    prepare: async ({ completedDataset, photosFolder }) => [
      await completedDataset('Photos to label'),
      photosFolder,
    ],
  },
  {
    file: 'download_dataset.py',
    prepare: async ({ completedDataset, photosFolder }) => [
      await completedDataset('Photos to download'),
      photosFolder,
    ],
  },
  {
    file: 'download_artifacts.py',
    prepare: async ({ completedDataset }) => [await completedDataset('Photos with artifacts')],
  },
  {
    file: 'generated_client.py',
    prepare: async ({ completedDataset, photosFolder }) => [
      await completedDataset('Photos of everything else'),
      photosFolder,
      TEAM_ID,
    ],
  },
];

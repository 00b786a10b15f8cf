import { createHmac } from 'node:crypto';
import type { ObjectId } from '#contracts/schema';

/** External IDs by which roles of other accounts know for whom Winnow assumes them. */
export interface ExternalIds {
  /**
   * That of a dataset: always the same, of no other dataset, and not to be guessed by who knows the dataset. It is no
   * secret: who knows it can do nothing with it for another dataset.
   */
  of(datasetId: ObjectId): Promise<string>;
}

const PREFIX = 'winnow-';
const DIGITS = 40;

/** True of what {@link ExternalIds} may have issued; whoever chooses an ID themselves has to choose another beginning. */
export const isIssued = (externalId: string): boolean => externalId.toLowerCase().startsWith(PREFIX);

/**
 * Nothing is stored: an ID follows from the dataset and the deployment's key.
 * @param readKey the key, as it is now
 */
export const externalIds = (readKey: () => Promise<string>): ExternalIds => ({
  of: async (datasetId) => {
    const digest = createHmac('sha256', await readKey())
      .update(`external-id ${datasetId}`)
      .digest('hex');
    return PREFIX + digest.slice(0, DIGITS);
  },
});

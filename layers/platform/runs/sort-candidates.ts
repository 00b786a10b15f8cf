import { InvalidInputError } from '#contracts/errors';
import type { RawSample, RegisteredRawSample, RejectedRawSample } from '#contracts/items';
import type { AnalysedSample, Sample } from '#contracts/samples';
import { findDuplicates } from './duplicates.ts';

/** A sample whose file was uploaded again. */
export interface RefreshedSample {
  readonly rawSample: RegisteredRawSample;
  /** As it is to be written: same id and index, new facts. */
  readonly sample: AnalysedSample;
}

/** The candidates of a run by what can become of them. Each list is in the order of file names. */
export interface SortedCandidates {
  readonly rejected: readonly RejectedRawSample[];
  readonly refreshed: readonly RefreshedSample[];
  readonly duplicates: readonly { readonly rawSample: RegisteredRawSample; readonly keptAs: string }[];
  /** What the selection chooses from. */
  readonly selectable: readonly RegisteredRawSample[];
  /** Samples that the dataset has and whose image is analysed, the refreshed ones as they will be. By index. */
  readonly datapool: readonly AnalysedSample[];
}

/**
 * Sorts what a run has read. The order of the arguments does not matter.
 *
 * @param at - ms; when refreshed samples count as changed
 * @throws InvalidInputError where the images were described by different embedding models.
 */
export function sortCandidates(
  candidates: readonly RawSample[],
  samples: readonly Sample[],
  at: number,
): SortedCandidates {
  const ordered = candidates.toSorted((a, b) => (a.fileName < b.fileName ? -1 : 1));
  const registered = ordered.filter((candidate) => candidate.state === 'registered');
  const sampleByName = new Map(samples.map((sample) => [sample.fileName, sample]));
  const refreshed = registered.flatMap((rawSample) => {
    const sample = sampleByName.get(rawSample.fileName);
    return sample ? [{ rawSample, sample: refreshedSample(sample, rawSample, at) }] : [];
  });
  const refreshedByName = new Map(refreshed.map(({ sample }) => [sample.fileName, sample]));
  const datapool = samples
    .map((sample) => refreshedByName.get(sample.fileName) ?? sample)
    .filter((sample): sample is AnalysedSample => sample.facts !== undefined);

  const fresh = registered.filter(({ fileName }) => !sampleByName.has(fileName));
  const keptAs = findDuplicates(fresh.map(datedContentOf), datapool.map(contentOf));
  const selectable = fresh.filter(({ fileName }) => !keptAs.has(fileName));
  requireOneModel([...selectable, ...datapool]);
  return {
    rejected: ordered.filter((candidate) => candidate.state === 'rejected'),
    refreshed,
    duplicates: fresh.flatMap((rawSample) => {
      const kept = keptAs.get(rawSample.fileName);
      return kept === undefined ? [] : [{ rawSample, keptAs: kept }];
    }),
    selectable,
    datapool,
  };
}

const contentOf = ({ fileName, facts }: RegisteredRawSample | AnalysedSample) => ({
  fileName,
  sha256: facts.sha256,
});
const datedContentOf = (rawSample: RegisteredRawSample) => ({
  ...contentOf(rawSample),
  lastModified: rawSample.lastModified,
});

function refreshedSample(sample: Sample, rawSample: RegisteredRawSample, at: number): AnalysedSample {
  const { versionId: _, ...kept } = sample;
  const { bucket, key, versionId, eTag, thumbName, facts } = rawSample;
  const source = { bucket, key, eTag, thumbName, ...(versionId !== undefined && { versionId }) };
  return { ...kept, ...source, facts, lastModifiedAt: Math.max(at, sample.lastModifiedAt) };
}

function requireOneModel(images: readonly Pick<AnalysedSample, 'facts'>[]): void {
  const models = [...new Set(images.map(({ facts }) => facts.embeddingModel))];
  if (models.length > 1) {
    throw new InvalidInputError(
      `The images were described by different embedding models (${models.toSorted().join(', ')}), ` +
        'which cannot be compared. Upload the older images again, or start a new dataset.',
    );
  }
}

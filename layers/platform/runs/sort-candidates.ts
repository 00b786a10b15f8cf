import type { RawSample, RegisteredRawSample, RejectedRawSample } from '#contracts/items';
import type { AnalysedSample, Sample } from '#contracts/samples';
import { findDuplicates } from './duplicates.ts';
import { sourceOf } from './sample-source.ts';

/** A sample whose file was uploaded again. */
export interface RefreshedSample {
  readonly rawSample: RegisteredRawSample;
  /** As it is to be written: same id and index, new facts. */
  readonly sample: AnalysedSample;
  /** Whether it is another image than before: other bytes, or bytes where nothing was known. */
  readonly isReplaced: boolean;
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
  /**
   * How many candidates and samples another model has described than the one that the dataset has now. They can't be
   * compared with the others: the candidates stay pending, and what identical bytes are is all that the samples tell.
   */
  readonly outdated: { readonly candidates: number; readonly samples: number };
}

/**
 * Sorts what a run has read. The order of the arguments does not matter.
 *
 * @param at - ms; when refreshed samples count as changed
 * @param embeddingModel - by which the images of the dataset are described now
 */
export function sortCandidates(
  candidates: readonly RawSample[],
  samples: readonly Sample[],
  at: number,
  embeddingModel: string,
): SortedCandidates {
  const ordered = candidates.toSorted((a, b) => (a.fileName < b.fileName ? -1 : 1));
  const isCurrent = ({ facts }: RegisteredRawSample | AnalysedSample) =>
    facts.embeddingModel === embeddingModel;
  const described = ordered.filter((candidate) => candidate.state === 'registered');
  const registered = described.filter(isCurrent);
  const sampleByName = new Map(samples.map((sample) => [sample.fileName, sample]));
  const refreshed = refreshedAmong(registered, sampleByName, at);
  const refreshedByName = new Map(refreshed.map(({ sample }) => [sample.fileName, sample]));
  const analysed = samples
    .map((sample) => refreshedByName.get(sample.fileName) ?? sample)
    .filter((sample): sample is AnalysedSample => sample.facts !== undefined);

  const fresh = registered.filter(({ fileName }) => !sampleByName.has(fileName));
  const keptAs = findDuplicates(fresh.map(datedContentOf), analysed.map(contentOf));
  const selectable = fresh.filter(({ fileName }) => !keptAs.has(fileName));
  const datapool = analysed.filter(isCurrent);
  return {
    rejected: ordered.filter((candidate) => candidate.state === 'rejected'),
    refreshed,
    duplicates: fresh.flatMap((rawSample) => {
      const kept = keptAs.get(rawSample.fileName);
      return kept === undefined ? [] : [{ rawSample, keptAs: kept }];
    }),
    selectable,
    datapool,
    outdated: {
      candidates: described.length - registered.length,
      samples: analysed.length - datapool.length,
    },
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

function refreshedAmong(
  registered: readonly RegisteredRawSample[],
  sampleByName: ReadonlyMap<string, Sample>,
  at: number,
): RefreshedSample[] {
  return registered.flatMap((rawSample) => {
    const sample = sampleByName.get(rawSample.fileName);
    if (!sample) return [];
    const isReplaced = sample.facts?.sha256 !== rawSample.facts.sha256;
    return [{ rawSample, sample: refreshedSample(sample, rawSample, isReplaced, at), isReplaced }];
  });
}

/** What it was nearly the same as says nothing of another image. */
function refreshedSample(
  sample: Sample,
  rawSample: RegisteredRawSample,
  isReplaced: boolean,
  at: number,
): AnalysedSample {
  const { versionId: _, thumbIn: __, objectMetadata: ___, group, ...kept } = sample;
  const source = sourceOf(rawSample);
  const ofContent = { facts: rawSample.facts, ...(!isReplaced && group && { group }) };
  return { ...kept, ...source, ...ofContent, lastModifiedAt: Math.max(at, sample.lastModifiedAt) };
}

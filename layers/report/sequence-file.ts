import type { RunDecision } from '#contracts/run-plan';
import { type ArtifactFile, JSON_CONTENT_TYPE } from './artifact-file.ts';
import { inOrderOfChoice } from './selection-files.ts';

/**
 * The protocol's `sequence_information.json`: the chosen sequences in the order of choice, each a list of file names.
 *
 * @param length - images of a sequence
 */
export const sequenceFile = (decisions: readonly RunDecision[], length: number): ArtifactFile => ({
  type: 'SEQUENCE_INFORMATION',
  fileName: 'sequence_information.json',
  contentType: JSON_CONTENT_TYPE,
  content: `${JSON.stringify(sequencesOf(decisions, length), null, 2)}\n`,
});

/** Sequences are chosen whole, one after the other. */
function sequencesOf(decisions: readonly RunDecision[], length: number): string[][] {
  const names = inOrderOfChoice(decisions).map(({ fileName }) => fileName);
  return Array.from({ length: Math.floor(names.length / length) }, (_, at) =>
    names.slice(at * length, (at + 1) * length),
  );
}

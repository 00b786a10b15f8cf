import { CSV_CONTENT_TYPE, CSV_END_OF_LINE, csvCell, quotedCell } from '#contracts/csv';
import type { RunDecision } from '#contracts/run-plan';
import { type ArtifactFile, TEXT_CONTENT_TYPE } from './artifact-file.ts';

/** What became of every candidate, and why. Names that a spreadsheet would run are marked as text. */
export const selectionFile = (decisions: readonly RunDecision[]): ArtifactFile => ({
  type: 'SELECTION_CSV',
  fileName: 'selection.csv',
  contentType: CSV_CONTENT_TYPE,
  content: selectionRows(decisions),
});

function* selectionRows(decisions: readonly RunDecision[]): Generator<string> {
  yield `fileName,state,reason,step,distance,group,representative${CSV_END_OF_LINE}`;
  for (const { fileName, outcome, reason, step, distance, group } of decisions) {
    const cells = [fileName, outcome, reason, step, distance, group?.id, group?.representative];
    yield cells.map(csvCell).join(',') + CSV_END_OF_LINE;
  }
}

/**
 * Embeddings of the selected images in the order of choice, as Lightly's tools write and read them:
 * `filenames,embedding_0,…,labels`, without labels. Values are the shortest decimals that give the same float32.
 */
export const embeddingsFile = (decisions: readonly RunDecision[]): ArtifactFile => ({
  type: 'EMBEDDINGS_CSV',
  fileName: 'embeddings.csv',
  contentType: CSV_CONTENT_TYPE,
  content: embeddingRows(inOrderOfChoice(decisions)),
});

function* embeddingRows(selected: readonly RunDecision[]): Generator<string> {
  const dimension = selected[0]?.sample?.facts?.embedding.length ?? 0;
  const columns = Array.from({ length: dimension }, (_, axis) => `embedding_${axis}`);
  yield `${['filenames', ...columns, 'labels'].join(',')}${CSV_END_OF_LINE}`;
  for (const { fileName, sample } of selected) {
    if (!sample?.facts) continue;
    const values = Array.from(sample.facts.embedding, shortestDecimal);
    yield `${[quotedCell(fileName), ...values, 0].join(',')}${CSV_END_OF_LINE}`;
  }
}

/** Nine digits name every float32; mostly fewer do. */
function shortestDecimal(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(Number(value.toPrecision(9)));
}

export const inOrderOfChoice = (decisions: readonly RunDecision[]): RunDecision[] =>
  decisions.filter(({ outcome }) => outcome === 'selected').sort((a, b) => (a.step ?? 0) - (b.step ?? 0));

/**
 * The file names of each outcome, one on each line: lists that the datasource listings take as relevant files. A
 * name that holds a line break stands in `selection.csv` only.
 */
export const fileNameLists = (decisions: readonly RunDecision[]): ArtifactFile[] =>
  LISTS.map(({ fileName, outcomes }) => ({
    type: 'RELEVANT_FILENAMES',
    fileName,
    contentType: TEXT_CONTENT_TYPE,
    content: namesOf(decisions, outcomes),
  }));

const LISTS: readonly { readonly fileName: string; readonly outcomes: readonly RunDecision['outcome'][] }[] =
  [
    { fileName: 'filenames_selected.txt', outcomes: ['selected'] },
    { fileName: 'filenames_removed.txt', outcomes: ['not-selected', 'unsupported'] },
    { fileName: 'filenames_duplicate.txt', outcomes: ['duplicate', 'near-duplicate'] },
    { fileName: 'filenames_corrupt.txt', outcomes: ['corrupt'] },
  ];

function* namesOf(
  decisions: readonly RunDecision[],
  outcomes: readonly RunDecision['outcome'][],
): Generator<string> {
  for (const { fileName, outcome } of decisions) {
    if (outcomes.includes(outcome) && !/[\r\n]/.test(fileName)) yield `${fileName}\n`;
  }
}

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { csvLine, csvRows } from '../../client/csv.ts';
import { readEmbeddings } from '../../client/embeddings-csv.ts';
import { collected } from '../../client/paging.ts';

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array, void> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const cell = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'é', '😀', 'a', ' ') }),
);
// A lone cell without text can't be told from a line without cells, and a row's end from that of its last cell.
const rows = fc.array(fc.tuple(fc.array(cell), fc.constant('end')).map(([cells, last]) => [...cells, last]));

test('rows are read as they were written, wherever the pieces of the file end', async () => {
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 1, max: 20 }), async (written, size) => {
      const text = written.map(csvLine).join('');
      expect(await collected(csvRows(inPieces(text, size)))).toEqual(written);
    }),
  );
});

test('lines may end as on any system, the last one also not at all', async () => {
  const read = (text: string) => collected(csvRows(inPieces(text, 3)));
  for (const text of ['a,b\n1,2\n', 'a,b\r\n1,2\r\n', 'a,b\n1,2', '\uFEFFa,b\r\n1,2']) {
    expect(await read(text)).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
  }
});

test('a quote that is never closed is an error', async () => {
  await expect(collected(csvRows(inPieces('a,"b\nc,d\n', 4)))).rejects.toThrow('quoted cell');
});

test.each([
  ['', 'is empty'],
  ['names,embedding_0,labels\n', "must be 'filenames', not 'names'"],
  ['filenames, embedding_0,labels\n', "spaces around 'embedding_0'"],
  ['filenames,embedding_0\n', "no column 'labels'"],
  ['filenames,vector_0,labels\n', "not 'vector_0'"],
  ['filenames,embedding_0,labels\na,1\n', 'Row 2 of the file has 2 cells; the header has 3.'],
  ['filenames,embedding_0,labels\na,1,0\n\n', 'Row 3 of the file has 1 cells'],
  ['filenames,embedding_0,labels\na,1,0\na,2,0\n', "Row 3 of the file repeats 'a'."],
])('a file of embeddings is refused for what is wrong with it: %j', async (text, reason) => {
  await expect(readEmbeddings(inPieces(text, 10), 'the file')).rejects.toThrow(reason);
});

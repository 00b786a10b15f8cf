import { expect, test } from '@jest/globals';
import { jsonLines, jsonList, plainLines } from '../../cli/row-texts.ts';

async function* rows<Row>(...given: Row[]) {
  yield* given;
}
async function textOf(chunks: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text;
}

test('a list is one JSON document, also where it is empty or large', async () => {
  expect(await textOf(jsonList(rows<unknown>({ a: 1 }, 'b')))).toBe('[\n{"a":1},\n"b"\n]\n');
  expect(await textOf(jsonList(rows()))).toBe('[]\n');
  const many = Array.from({ length: 20_000 }, (_, id) => ({ id }));
  expect(JSON.parse(await textOf(jsonList(rows(...many))))).toEqual(many);
});

test('lines are documents, or texts, by themselves', async () => {
  expect(await textOf(jsonLines(rows<unknown>({ a: 'x\ny' }, 2)))).toBe('{"a":"x\\ny"}\n2\n');
  expect(await textOf(plainLines(rows('a', 'b')))).toBe('a\nb\n');
  expect(await textOf(plainLines(rows()))).toBe('');
});

test('text comes in pieces: memory does not grow with the rows', async () => {
  let made = 0;
  async function* endless() {
    for (;;) yield { row: ++made };
  }
  const chunks = jsonList(endless());
  for (let count = 0; count < 3; count++) expect((await chunks.next()).value?.length).toBeLessThan(70_000);
  await chunks.return();
  expect(made).toBeLessThan(20_000);
});

// Writes docs/protocol.md, the list of the protocol's operations with the tests that saw each of them succeed, from what
// the tests of test/contract noted down:
//
//   PROTOCOL_COVERAGE_FILE=/tmp/coverage.jsonl npm test -- test/contract
//   node scripts/protocol-doc.mjs /tmp/coverage.jsonl            writes it
//   node scripts/protocol-doc.mjs --check /tmp/coverage.jsonl    fails where it is out of date or an operation has no test
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

const MOST_TESTS = 3;
/** Tests of all operations alike say little of one of them: they are named where there is no other. */
const OF_ALL_ALIKE = /^api-(access|anonymous)\.test/;
const contract = read('../layers/contracts/protocol/openapi.json');
const target = new URL('../docs/protocol.md', import.meta.url);

const isCheck = process.argv[2] === '--check';
const coverageFile = process.argv[isCheck ? 3 : 2];
const { tests, breadth } = readCoverage(readFileSync(coverageFile, 'utf8').trim().split('\n'));
const { text, untested, operations } = document();

if (untested.length > 0) fail(`Operations that no test saw succeed: ${untested.join(', ')}`);
if (isCheck && readFileSync(target, 'utf8') !== text) {
  fail('docs/protocol.md is out of date. Make it anew as scripts/protocol-doc.mjs says.');
}
if (!isCheck) writeFileSync(target, text);
console.log(`${operations} operations, each with a test.`);

/** Tests by operation, and how many operations each test calls. */
function readCoverage(lines) {
  const tests = new Map();
  const operationsOf = new Map();
  for (const line of lines) {
    const { id, test, path } = JSON.parse(line);
    const name = `${basename(path)}: ${test}`;
    tests.set(id, (tests.get(id) ?? new Set()).add(name));
    operationsOf.set(name, (operationsOf.get(name) ?? new Set()).add(id));
  }
  return { tests, breadth: (name) => operationsOf.get(name).size };
}

function document() {
  const groups = new Map();
  const untested = [];
  let operations = 0;
  for (const [path, methods] of Object.entries(contract.paths)) {
    for (const [method, { operationId, tags }] of Object.entries(methods)) {
      operations += 1;
      const found = testsOf(operationId, tags[0]);
      if (found.length === 0) untested.push(operationId);
      const row = `| \`${operationId}\` | ${method.toUpperCase()} \`${path}\` | ${found.slice(0, MOST_TESTS).map(cell).join('<br>')} |`;
      groups.set(tags[0], [...(groups.get(tags[0]) ?? []), row]);
    }
  }
  const head = [
    '# The wire protocol, operation by operation',
    '',
    'Made by `scripts/protocol-doc.mjs` from the contract and from what the tests in `test/contract` noted down; CI fails when',
    'it is out of date. For each operation it names up to three tests that saw it succeed. Every answer in every one of these tests is',
    'validated against the contract, `layers/contracts/protocol/openapi.json`, in which an unknown field is an error. Beside them,',
    '`api-fuzz.test.ts` sends each operation valid and broken requests, `api-access.test.ts` calls each with a token that may not, and',
    '`npm run test:compat` drives the API with the original Python client.',
  ];
  const sections = [...groups].flatMap(([tag, rows]) => [
    '',
    `## ${tag}`,
    '',
    '| operation | request | tests |',
    '|---|---|---|',
    ...rows,
  ]);
  return { text: `${[...head, ...sections].join('\n')}\n`, untested, operations };
}

/** Those in a file about the operation's group first, and of these, those that are about little else. */
function testsOf(operationId, tag) {
  const group = tag.replace(/s$/, '');
  const distance = (name) => (name.split(':')[0].includes(group) ? 0 : 1);
  const found = [...(tests.get(operationId) ?? [])].sort(
    (a, b) => distance(a) - distance(b) || breadth(a) - breadth(b) || (a < b ? -1 : 1),
  );
  const ownTests = found.filter((name) => !OF_ALL_ALIKE.test(name));
  return ownTests.length > 0 ? ownTests : found;
}

function cell(text) {
  return text.replaceAll('|', '\\|');
}

function read(path) {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

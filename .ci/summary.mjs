// Prints what failed and, as the last line, the sum of tests and checks. Exits with 1 where anything failed.
// Plain JavaScript: it also has to tell when the packages could not be installed.
import { readFileSync } from 'node:fs';

const [reportFile, testsExitCode, passedChecks, ...failedChecks] = process.argv.slice(2);
const report = readReport();
const testFiles = report?.testResults ?? [];
const tests = testFiles.flatMap(({ assertionResults }) => assertionResults);

for (const { fullName } of tests.filter(({ fullName }) => fullName.includes('not run: no data'))) {
  console.log(`- ${fullName}`);
}
const failedTests = tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
const brokenFiles = testFiles
  .filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
  .map(({ name }) => name);
const failed = [...failedTests, ...brokenFiles, ...failedChecks];
// Such as an open handle, a threshold, or an installation that failed before any test.
if (Number(testsExitCode) !== 0 && failedTests.length + brokenFiles.length === 0) failed.push('npm test');
for (const name of failed) console.log(`FAILED ${name}`);

const passedTests = tests.filter(({ status }) => status === 'passed').length;
console.log(`${passedTests + Number(passedChecks)} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;

function readReport() {
  try {
    return JSON.parse(readFileSync(reportFile, 'utf8'));
  } catch {
    return undefined;
  }
}

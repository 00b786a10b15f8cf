import { expect, test } from '@jest/globals';
import { baseUrlOf } from '../../functions/api/base-url.ts';

const OWN = 'abc.lambda-url.eu-central-1.on.aws';

test.each([
  [OWN, `https://${OWN}`],
  ['127.0.0.1:40123', 'http://127.0.0.1:40123'],
  ['localhost:8080', 'http://localhost:8080'],
  ['[::1]:8080', 'http://[::1]:8080'],
  ['curation.example.com', 'https://curation.example.com'],
  ['localhost.example.com', 'https://localhost.example.com'],
])('URLs in answers to a request for %s begin with %s', (host, expected) => {
  expect(baseUrlOf({ host }, OWN)).toBe(expected);
});

test.each([undefined, '', 'evil.example.com/path', 'a b', 'user@host', 'x"y'])(
  'what is no host (%s) is not repeated',
  (host) => {
    expect(baseUrlOf({ host }, OWN)).toBe(`https://${OWN}`);
  },
);

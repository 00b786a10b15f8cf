/** One or more encoded words of RFC 2047 in UTF-8, with nothing but white space between them. */
const ENCODED_WORDS = /=\?utf-8\?[bq]\?[^?\s]*\?=(?:\s+=\?utf-8\?[bq]\?[^?\s]*\?=)*/gi;
const ENCODED_WORD = /=\?utf-8\?([bq])\?([^?\s]*)\?=/gi;

/** Text of a header as its author wrote it: S3 gives user metadata that is not ASCII as encoded words. */
export const decodeWords = (text: string): string =>
  // A character may be divided between two words.
  text.replace(ENCODED_WORDS, (words) =>
    Buffer.concat(
      [...words.matchAll(ENCODED_WORD)].map(([, encoding = '', data = '']) =>
        encoding.toLowerCase() === 'b' ? Buffer.from(data, 'base64') : quotedBytes(data),
      ),
    ).toString('utf8'),
  );

const quotedBytes = (data: string): Buffer =>
  Buffer.from(
    data
      .replaceAll('_', ' ')
      .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );

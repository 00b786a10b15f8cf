import type { webcrypto } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { UnauthorizedError } from '#contracts/errors';

/** What a public token lets anybody read: one object of one dataset. */
export interface PublicObject {
  readonly datasetId: string;
  /** Which object, in words of whoever makes the token: the route that reads it compares. */
  readonly object: string;
}

/** Public tokens: whoever holds one reads the one object that it names, until it expires. */
export interface PublicTokens {
  /** @param expiresAt ms, rounded up to a second */
  sign(object: PublicObject, expiresAt: number): Promise<string>;
  /** @throws UnauthorizedError where the token is for another object, is expired, or is none of ours */
  check(publicToken: string, object: PublicObject): Promise<void>;
}

const ALGORITHM = 'HS256';

const importKey = (text: string): Promise<webcrypto.CryptoKey> =>
  crypto.subtle.importKey('raw', new TextEncoder().encode(text), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
    'verify',
  ]);

/**
 * Public tokens as JSON Web Tokens (RFC 7519) with `sub` the dataset and `obj` the object.
 * @param readKey the deployment's key, as it is now
 * @param now ms
 */
export function publicTokens(readKey: () => Promise<string>, now: () => number): PublicTokens {
  let imported: { readonly text: string; readonly key: Promise<webcrypto.CryptoKey> } | undefined;
  const key = async () => {
    const text = await readKey();
    // An export signs a token for each row: to import the key each time would take as long as to sign.
    if (imported?.text !== text) imported = { text, key: importKey(text) };
    return imported.key;
  };
  return {
    sign: async ({ datasetId, object }, expiresAt) =>
      new SignJWT({ obj: object })
        .setProtectedHeader({ alg: ALGORITHM })
        .setSubject(datasetId)
        .setExpirationTime(Math.ceil(expiresAt / 1000))
        .sign(await key()),
    check: async (publicToken, { datasetId, object }) => {
      const options = { algorithms: [ALGORITHM], subject: datasetId, currentDate: new Date(now()) };
      const { payload } = await jwtVerify(publicToken, await key(), options).catch((cause: unknown) => {
        throw new UnauthorizedError(
          'The public token is expired, or not for this object. Export the tag again.',
          {
            apiCode: 'JWT_INVALID',
            cause,
          },
        );
      });
      if (payload.obj !== object) {
        throw new UnauthorizedError('The public token is for another object.', { apiCode: 'JWT_INVALID' });
      }
    },
  };
}

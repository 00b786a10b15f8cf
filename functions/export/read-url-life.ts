import type { ReadUrlSigner } from '#platform/objects/objects';

/** From when on, and until when, read URLs work. ms */
export interface ReadUrlLife {
  readonly signedAt: number;
  readonly expireAt: number;
}

/**
 * The life of the read URLs of an export: as long as the settings say, unless the credentials that sign end sooner.
 * It begins when the run was completed, so that an export that is written again has the same bytes; only where less
 * than half of that life is left, as after a redrive from the DLQ, it begins now.
 */
export async function readUrlLife(
  completedAt: number,
  expirySeconds: number,
  { signer, now }: { readonly signer: Pick<ReadUrlSigner, 'latestExpiry'>; readonly now: () => number },
): Promise<ReadUrlLife> {
  const lifeFrom = async (signedAt: number): Promise<ReadUrlLife> => {
    const asConfigured = signedAt + expirySeconds * 1000;
    const expireAt = Math.min(asConfigured, (await signer.latestExpiry(signedAt)) ?? asConfigured);
    return { signedAt, expireAt };
  };
  const life = await lifeFrom(completedAt);
  const at = now();
  return life.expireAt - at > (life.expireAt - life.signedAt) / 2 ? life : lifeFrom(at);
}

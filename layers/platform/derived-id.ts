import { createHash } from 'node:crypto';
import type { ObjectId } from '#contracts/schema';

/** An id that follows from what it names, so that whoever makes the thing again makes the same thing. */
export function derivedObjectId(...parts: readonly string[]): ObjectId {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}

/** The id of a run's artifact, whichever worker leaves it. */
export const artifactIdOf = (runId: ObjectId, fileName: string): ObjectId =>
  derivedObjectId('artifact', runId, fileName);

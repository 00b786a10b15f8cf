import type { DescribedFile } from '#platform/datasources/datasource-objects';
import { type InputRules, inputRules, judgeObject } from '#platform/datasources/input/input-filter';
import type { IngestResult, Target } from './arrival.ts';
import type { IngestDeps } from './ingest-deps.ts';

/** What is known of an object that is judged. */
type KnownFile = Partial<Pick<DescribedFile, 'size' | 'lastModified'>>;

/**
 * True where what the event tells is enough to say that its object is no image of the dataset. A removal is never
 * judged by this: what was registered before the filter has changed is to go all the same. Nor is what a sync found in the
 * registry.
 */
export function isSkippedAsTold(target: Target, { now }: Pick<IngestDeps, 'now'>): boolean {
  const { kind, size, bornAt, order } = target.event;
  if (kind === 'removed' || (order.by === 'observation' && order.seen !== undefined)) return false;
  const told = { ...(size !== undefined && { size }), ...(bornAt !== undefined && { lastModified: bornAt }) };
  return isSkipped(target, told, now());
}

/** True where an object is no image of the dataset, whatever is not known of it. */
export function isSkipped({ dataset, input, fileName }: Target, known: KnownFile, now: number): boolean {
  const rules = inputRules(dataset.settings.input, input);
  const { size = rules.size.least, lastModified = now - usualAge(rules) } = known;
  return judgeObject({ name: fileName, size, lastModified }, rules, now) !== 'taken';
}

const usualAge = ({ age }: InputRules): number => (age.least > 0 ? age.least : Math.min(age.most, 0));

/** True where the filter asks for something that the event does not tell. */
export function needsDescription({ dataset, event }: Target): boolean {
  const { minBytes, maxBytes, minAgeSeconds, maxAgeSeconds } = dataset.settings.input;
  const asksForSize = minBytes !== undefined || maxBytes !== undefined;
  const asksForAge = minAgeSeconds !== undefined || maxAgeSeconds !== undefined;
  return (asksForSize && event.size === undefined) || (asksForAge && event.bornAt === undefined);
}

export function reportSkipped({ dataset, fileName }: Target, { telemetry }: IngestDeps): IngestResult {
  telemetry.log('debug', 'Object skipped', { datasetId: dataset.id, fileName });
  return { outcome: 'ObjectsSkipped' };
}

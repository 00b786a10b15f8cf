import { AccessError } from './access-error.ts';
import type { BucketNotifications } from './bucket-notifications.ts';
import type { ListingLag } from './listing-lag.ts';
import { headersOf, isArchived } from './object-attributes.ts';
import { escapeXml, type ListedObject, renderListing } from './object-listing.ts';
import type { ObjectStore } from './object-store.ts';
import type { AdmittedRequest } from './s3-admission.ts';
import { tagsIn } from './s3-operations.ts';

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Of a request, what is not in its URL. */
interface AskedBeside {
  readonly body: string;
  readonly optionalAttributes: string | undefined;
  readonly skipsDestinationValidation: boolean;
}

export interface AnswerParts {
  readonly notifications: BucketNotifications;
  readonly objects: ObjectStore;
  readonly lag: ListingLag;
  readonly now: () => number;
}

const xml = (body: string): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>${body}`,
});

/** The answer to what the handlers of fauxqs do not know, or do otherwise than S3. Undefined where they answer. */
export function answerWithoutHandler(
  admitted: AdmittedRequest,
  found: ListedObject | undefined,
  request: AskedBeside,
  parts: AnswerParts,
): Answer | undefined {
  const { objects, lag, notifications, now } = parts;
  const { name, bucket, key, query } = admitted.operation;
  switch (name) {
    case 'ListObjects':
    case 'ListObjectsV2': {
      if (!objects.hasBucket(bucket)) return undefined;
      const { keys, earlier } = lag.view(bucket, objects.sortedKeys(bucket));
      const objectOf = (each: string) => earlier(each) ?? listedNow(objects, bucket, each);
      const listing = { bucket, query, attributes: request.optionalAttributes };
      return { ...xml(''), body: renderListing(listing, keys, objectOf) };
    }
    case 'GetBucketNotificationConfiguration':
      return { ...xml(''), body: notifications.document(bucket) };
    case 'PutBucketNotificationConfiguration':
      notifications.put(bucket, request.body, request);
      return { status: 200 };
    case 'GetObjectTagging':
      return found && { ...xml(taggingXml(found)), headers: { ...xml('').headers, ...versionHeader(found) } };
    case 'PutObjectTagging':
    case 'DeleteObjectTagging': {
      const event = name === 'PutObjectTagging' ? 'ObjectTagging:Put' : 'ObjectTagging:Delete';
      const tags = name === 'PutObjectTagging' ? tagsIn(request.body) : {};
      objects.changeAttributes(bucket, key, { tags }, event);
      return { status: name === 'PutObjectTagging' ? 200 : 204 };
    }
    case 'RestoreObject':
      return found && restore(admitted, found, request.body, { objects, now });
    default:
      return undefined;
  }
}

/** Restoring takes no time here. */
function restore(
  { operation: { bucket, key } }: AdmittedRequest,
  { attributes }: ListedObject,
  body: string,
  { objects, now }: Pick<AnswerParts, 'objects' | 'now'>,
): Answer {
  const wasArchived = isArchived(attributes, now());
  if (!wasArchived && attributes.restoredUntil === undefined) {
    const reason = "Restore is not allowed for the object's current storage class";
    throw new AccessError('InvalidObjectState', reason);
  }
  const days = Number(/<Days>(\d+)<\/Days>/.exec(body)?.[1] ?? 1);
  const restoredUntil = now() + days * 24 * 3600 * 1000;
  objects.changeAttributes(bucket, key, { restoredUntil }, 'ObjectRestore:Completed');
  return { status: wasArchived ? 202 : 200 };
}

function listedNow(objects: ObjectStore, bucket: string, key: string): ListedObject {
  const object = objects.describe(bucket, key);
  if (object === undefined || object === 'marker')
    throw new Error(`Expected ${key} in the store: it is listed`);
  return object;
}

const versionHeader = ({ attributes: { versionId } }: ListedObject): Record<string, string> =>
  versionId === undefined ? {} : { 'x-amz-version-id': versionId };

const taggingXml = ({ attributes: { tags = {} } }: ListedObject): string =>
  `<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet>${Object.entries(tags)
    .map(([key, value]) => `<Tag><Key>${escapeXml(key)}</Key><Value>${escapeXml(value)}</Value></Tag>`)
    .join('')}</TagSet></Tagging>`;

/** Headers that the answers of fauxqs lack. @param found what the request reads */
export function missingHeaders(
  { operation: { name, query }, attributes, bucket }: AdmittedRequest,
  found: ListedObject | undefined,
): Record<string, string> {
  if (found) return headersOf(found.attributes);
  if (name !== 'DeleteObject' || !bucket.versioned) return headersOf({ ...attributes, tags: {} });
  const asked = query.get('versionId');
  if (asked !== null) return { 'x-amz-version-id': asked };
  return { ...headersOf(attributes), 'x-amz-delete-marker': 'true' };
}

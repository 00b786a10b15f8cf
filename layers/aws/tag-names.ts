import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type ObjectId, objectId } from '#contracts/schema';
import { tagNameKey } from '#contracts/table-keys';
import { tagName, tagNameExists } from '#contracts/tags';
import { dynamo } from './expression.ts';
import { itemCodec } from './stored-item.ts';
import { deleteItemIf, getItem, putItemIf, type Table, untilSettled } from './table.ts';
import { changeTag, isSettled, readTag } from './tag-item.ts';

/**
 * A name belongs to one tag of a dataset at a time. A tag gets a name in three steps, each one conditional write:
 *
 * 1. its item says which name it wants;
 * 2. the name's claim says whose it is;
 * 3. its item has the name, if it still wants it.
 *
 * Whoever finds a claim of a tag that wants the name takes the third step for it. A claim of a tag that neither has
 * nor wants the name was left by a process that died, or by a tag that is gone: it may be taken over, because no step
 * is left that could give that tag the name without a claim of its own.
 */
const nameClaim = z.strictObject({
  name: tagName,
  tagId: objectId,
  /** Different in every write: who deletes a claim deletes only what they saw. */
  nonce: z.string(),
});
type NameClaim = z.infer<typeof nameClaim>;
const claims = itemCodec<NameClaim>('tag name', nameClaim);

interface Naming {
  readonly datasetId: ObjectId;
  readonly id: ObjectId;
  readonly name: string;
}

export async function readClaim(
  table: Table,
  datasetId: ObjectId,
  name: string,
): Promise<NameClaim | undefined> {
  const item = await getItem(table, tagNameKey(datasetId, name));
  return item && claims.decode(item);
}

/**
 * The steps 2 and 3 for a tag that wants the name. False where it does not want it any more.
 * @throws ConflictError `TAG_NAME_EXISTS`
 */
export async function settleName(table: Table, naming: Naming): Promise<boolean> {
  await untilSettled(async () => {
    const claim = await readClaim(table, naming.datasetId, naming.name);
    if (claim && claim.tagId !== naming.id) await requireAbandoned(table, naming, claim.tagId);
    return (await writeClaim(table, naming, claim)) || undefined;
  });
  return giveName(table, naming);
}

/** Lets go of a claim as it was seen. */
export async function releaseClaim(table: Table, datasetId: ObjectId, claim: NameClaim): Promise<void> {
  await deleteItemIf(table, tagNameKey(datasetId, claim.name), dynamo`#nonce = ${claim.nonce}`);
}

async function requireAbandoned(table: Table, naming: Naming, owner: ObjectId): Promise<void> {
  const { datasetId, name } = naming;
  const stored = await readTag(table, datasetId, owner);
  const isTaken = stored?.name === name || (await giveName(table, { datasetId, id: owner, name }));
  if (isTaken) throw tagNameExists(name);
}

function writeClaim(
  table: Table,
  { datasetId, id, name }: Naming,
  seen: NameClaim | undefined,
): Promise<boolean> {
  const item = claims.encode({ name, tagId: id, nonce: randomUUID() }, tagNameKey(datasetId, name));
  const isUnchanged = seen ? dynamo`#nonce = ${seen.nonce}` : dynamo`attribute_not_exists(#pk)`;
  return putItemIf(table, item, isUnchanged);
}

async function giveName(table: Table, { datasetId, id, name }: Naming): Promise<boolean> {
  const stored = await changeTag(table, { datasetId, id }, ({ wantedName, ...others }) =>
    wantedName === name ? { ...others, name } : undefined,
  );
  return isSettled(stored) && stored.name === name;
}

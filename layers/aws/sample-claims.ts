import type { Sample } from '#contracts/samples';
import { sampleKey } from '#contracts/table-keys';
import type { SampleClaims } from '#platform/samples/samples';
import { dynamo, type Expression } from './expression.ts';
import { sampleCodec } from './sample-codec.ts';
import { deleteItemIf, putItemIfAbsent, type Table, updateItemIf } from './table.ts';

const keyOf = ({ datasetId, index }: Pick<Sample, 'datasetId' | 'index'>) => sampleKey(datasetId, index);

/** That it is still what was read at its index, and not what somebody else has put there since. */
function isTheSame({ offer, runId }: Sample): Expression {
  if (offer !== undefined) return dynamo`#offer = ${offer}`;
  return dynamo`attribute_not_exists(#offer) AND #runId = ${runId ?? ''}`;
}

/** The steps in which samples are added and renamed, in the table. */
export function sampleClaims(table: Table): Omit<SampleClaims, 'claimName'> {
  const change = async (
    sample: Pick<Sample, 'datasetId' | 'index'>,
    update: Expression,
    condition: Expression,
  ) => (await updateItemIf(table, keyOf(sample), update, condition)) !== undefined;
  return {
    offer: (sample) => putItemIfAbsent(table, sampleCodec.encode(sample, keyOf(sample))),
    settle: (sample) => change(sample, dynamo`REMOVE #offer`, isTheSame(sample)),
    withdraw: async (sample) => {
      await deleteItemIf(table, keyOf(sample), isTheSame(sample));
    },
    intendName: ({ fileName, ...sample }, renamingTo) =>
      change(
        sample,
        renamingTo === undefined ? dynamo`REMOVE #renamingTo` : dynamo`SET #renamingTo = ${renamingTo}`,
        dynamo`#fileName = ${fileName}`,
      ),
    rename: (sample, fileName, lastModifiedAt) =>
      change(
        sample,
        dynamo`SET #fileName = ${fileName}, #lastModifiedAt = ${lastModifiedAt} REMOVE #renamingTo`,
        dynamo`#renamingTo = ${fileName}`,
      ),
  };
}

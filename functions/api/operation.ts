import type { Dataset, Run } from '#contracts/items';
import type { BodyOf, OperationId, PathOf, QueryOf, ResponseOf } from '#contracts/protocol/operations';
import type { Caller } from '#platform/access/authenticate';

/** What the path of a request names. Found, and the caller may use it, before an operation begins. */
export interface Resources {
  readonly datasetId: { readonly dataset: Dataset };
  readonly runId: { readonly run: Run };
}
type ResourcesOf<Path> = ('datasetId' extends keyof Path ? Resources['datasetId'] : unknown) &
  ('runId' extends keyof Path ? Resources['runId'] : unknown);

/** A request that satisfies the contract, of a caller who may make it. */
export type OperationRequest<Id extends OperationId> = ResourcesOf<PathOf<Id>> & {
  readonly path: Readonly<PathOf<Id>>;
  readonly query: Readonly<QueryOf<Id>>;
  readonly body: BodyOf<Id>;
  /** ANONYMOUS where the operation needs no token, or a public token was all that came. */
  readonly caller: Caller;
  readonly requestId: string;
  /** What the URLs in an answer that lead back to the API begin with; no slash at the end. */
  readonly baseUrl: string;
};

/** Rows of an answer that is an array, sent as they come: a page of any size needs the memory of one row. */
export class RowStream<Row> {
  readonly rows: AsyncIterable<Row>;

  constructor(rows: AsyncIterable<Row>) {
    this.rows = rows;
  }
}

/** Parts of an answer that is text or bytes, sent as they come. */
export class PartStream {
  readonly parts: AsyncIterable<string | Uint8Array>;

  constructor(parts: AsyncIterable<string | Uint8Array>) {
    this.parts = parts;
  }
}

/** Sends the caller to another URL. */
export class Redirect {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }
}

type Streamed<Response> = Response extends readonly (infer Row)[]
  ? RowStream<Row>
  : Response extends string
    ? PartStream
    : Response extends undefined
      ? Redirect
      : never;

/** The answer of an operation: what the contract promises, or that as a stream. Its status is the contract's. */
export type OperationResult<Id extends OperationId> = ResponseOf<Id> | Streamed<ResponseOf<Id>>;

/** What carries out one operation: unpacks the request, calls a use case, shapes what it returns. */
export type Operation<Id extends OperationId> = (
  request: OperationRequest<Id>,
) => Promise<OperationResult<Id>>;

/** The operations of one file, by name. */
export type Operations<Id extends OperationId> = { readonly [Name in Id]: Operation<Name> };

/** What host and function processes say to each other. Payloads are JSON, as between Lambda and its runtime. */
export interface InvokeMessage {
  readonly type: 'invoke';
  readonly requestId: string;
  readonly event: string;
  readonly functionArn: string;
  /** ms */
  readonly deadline: number;
  /** True where the caller reads the answer as it is made. */
  readonly streams: boolean;
}

export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: string;
}

export type ProcessMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly error: FunctionError }
  | { readonly type: 'chunk'; readonly chunk: Uint8Array }
  | {
      readonly type: 'done';
      /** JSON; absent where the answer was streamed. */
      readonly payload?: string;
      readonly error?: FunctionError;
      /** The process's highest resident memory so far. */
      readonly peakBytes: number;
    };

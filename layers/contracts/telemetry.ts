/** What a use case tells those who operate Winnow. Ids and counts only: never a token, a signed URL or an event. */
export interface Telemetry {
  log(
    level: 'debug' | 'info' | 'warn' | 'error',
    message: string,
    fields?: Readonly<Record<string, unknown>>,
  ): void;
  /** Adds to a counter. Outcomes that did not happen are counted as 0, so that a missing metric means a dead stage. */
  count(metric: string, value: number): void;
}

/** A request that is refused before it reaches a service. Each server writes it in its own protocol. */
export class AccessError extends Error {
  override readonly name = 'AccessError';
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 403) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

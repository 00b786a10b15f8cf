import { AccessError } from './access-error.ts';

/** Requests to a bucket that fail although nothing is wrong with them. */
export interface Fault {
  readonly bucket: string;
  /** As `GetObject`. @default every operation */
  readonly operations?: readonly string[];
  /** Every n-th of them fails. @default 1 */
  readonly every?: number;
  /** As many fail, and then no more. @default until it is ended */
  readonly times?: number;
  /** @default 503 SlowDown */
  readonly answer?: { readonly code: string; readonly status: number };
}

export interface Faults {
  /** @returns ends it, and tells how many requests failed */
  readonly begin: (fault: Fault) => () => number;
}

export interface FaultInjection extends Faults {
  /** @throws AccessError where the request is to fail */
  readonly check: (bucket: string, operation: string) => void;
}

const SLOW_DOWN = { code: 'SlowDown', status: 503 };

export function createFaults(): FaultInjection {
  const active = new Map<Fault, { seen: number; failed: number }>();
  return {
    begin: (fault) => {
      const counts = { seen: 0, failed: 0 };
      active.set(fault, counts);
      return () => {
        active.delete(fault);
        return counts.failed;
      };
    },
    check: (bucket, operation) => {
      for (const [fault, counts] of active) {
        if (fault.bucket !== bucket) continue;
        if (fault.operations && !fault.operations.includes(operation)) continue;
        counts.seen += 1;
        if (counts.seen % (fault.every ?? 1) !== 0 || counts.failed === fault.times) continue;
        counts.failed += 1;
        const { code, status } = fault.answer ?? SLOW_DOWN;
        throw new AccessError(code, 'This request fails on purpose', status);
      }
    },
  };
}

import type { FunctionRequest } from './functions.ts';

export interface RequestListeners {
  /** @returns stops listening */
  readonly listen: (listener: (request: FunctionRequest) => void) => () => void;
  readonly tell: (request: FunctionRequest) => void;
}

export function createRequestListeners(): RequestListeners {
  const listeners = new Set<(request: FunctionRequest) => void>();
  return {
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell: (request) => {
      for (const listener of listeners) listener(request);
    },
  };
}

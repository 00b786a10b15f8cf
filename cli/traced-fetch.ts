/** `fetch` that tells of each request: never of its query or headers, which hold tokens and signatures. */
export function tracedFetch(tell: (line: string) => void): typeof fetch {
  return async (input, init) => {
    const { origin, pathname } = new URL(String(input));
    const request = `${init?.method ?? 'GET'} ${origin}${pathname}`;
    const start = performance.now();
    const elapsed = (): string => `${Math.round(performance.now() - start)} ms`;
    try {
      const response = await fetch(input, init);
      const id = response.headers.get('x-request-id');
      tell(`${request} ${response.status}, ${elapsed()}${id === null ? '' : `, request ${id}`}`);
      return response;
    } catch (error) {
      tell(`${request} failed, ${elapsed()}`);
      throw error;
    }
  };
}

/** A machine's own address: there is no certificate for it, so what listens there speaks plain HTTP. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/;
const HOST = /^[a-z0-9.-]+(:\d+)?$|^\[[0-9a-f:]+\](:\d+)?$/i;

/**
 * The URL under which a request has reached the API, without a slash at the end: what the URLs in an answer begin
 * with. A function URL takes no request for a host that is not its own.
 *
 * @param fallback the host where the request names none, or something that is no host
 */
export function baseUrlOf({ host }: Readonly<Record<string, string | undefined>>, fallback: string): string {
  const name = host !== undefined && HOST.test(host) ? host : fallback;
  return `${LOOPBACK.test(name) ? 'http' : 'https'}://${name}`;
}

import { lookup as lookUp } from 'node:dns';
import { type AgentOptions, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { BlockList, isIP, type LookupFunction, type TcpNetConnectOpts } from 'node:net';
import { DatasourceError } from '#contracts/errors';

/**
 * Whoever configures a datasource names addresses that Winnow connects to from inside of its account. Those of the function
 * itself, of the instance's metadata and of private networks are not theirs to ask.
 */

/** `allow`: datasources may be in the network that Winnow is deployed in. */
export type PrivateEndpoints = 'refuse' | 'allow';

/** Not addresses of the internet. Source: the special-purpose registries of IANA for IPv4 and IPv6. */
const PRIVATE_IPV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.168.0.0/16', '198.18.0.0/15', '224.0.0.0/4', '240.0.0.0/4'],
];
/** Those that lead to an IPv4 address by translation are refused as a whole. */
const PRIVATE_IPV6 = [
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
];

const blocked = new BlockList();
for (const [ranges, family] of [
  [PRIVATE_IPV4, 'ipv4'],
  [PRIVATE_IPV6, 'ipv6'],
] as const) {
  for (const range of ranges) {
    const [network = '', bits] = range.split('/');
    blocked.addSubnet(network, Number(bits), family);
  }
}

/** @param address as text, without brackets */
export const isPrivateAddress = (address: string): boolean =>
  blocked.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

export interface GuardedAgents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
}

/**
 * Agents that connect to no private address, however a name came to it: what is compared is the address that a connection
 * is made to, so a name that leads elsewhere a moment later is of no use.
 *
 * @param field of the datasource that names the endpoint
 * @throws DatasourceError MISCONFIGURED, from the request that is made with them
 */
export function guardedAgents(privateEndpoints: PrivateEndpoints, field: string): GuardedAgents {
  const options: AgentOptions = { keepAlive: true, maxSockets: 50 };
  const agents = { httpAgent: new HttpAgent(options), httpsAgent: new HttpsAgent(options) };
  if (privateEndpoints === 'allow') return agents;
  guard(agents.httpAgent, field);
  guard(agents.httpsAgent, field);
  return agents;
}

function guard(agent: HttpAgent, field: string): void {
  const connect = agent.createConnection.bind(agent);
  const lookup = guardedLookup(field);
  agent.createConnection = (options, callback) => {
    const { host } = options as TcpNetConnectOpts;
    // An address is not looked up.
    if (host !== undefined && isIP(host) !== 0 && isPrivateAddress(host)) {
      // Not thrown: whoever asks would leave timers of the request behind.
      callback?.(refused(field, host), undefined as never);
      return undefined;
    }
    return connect({ ...options, lookup } as typeof options, callback);
  };
}

/** As the one of Node, and an error where any of the addresses is a private one. */
const guardedLookup =
  (field: string): LookupFunction =>
  (host, options, callback) => {
    lookUp(host, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const [first] = addresses;
      if (!first || addresses.some(({ address }) => isPrivateAddress(address))) {
        return callback(refused(field, host), '', 0);
      }
      if (options.all) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };

const refused = (field: string, host: string): DatasourceError =>
  new DatasourceError(
    `${field} of the datasource leads to a private address. Name one that is reached through the internet, or have ` +
      'whoever deployed Winnow allow private endpoints.',
    { code: 'MISCONFIGURED', scope: 'datasource', action: 'connect', resource: host },
  );

import { BOOL, CIDR, INT, IP, STRING, URL_TYPE, listOf as listType, mapOf as mapType } from '../check/types.js';
import { CelError } from '../values/errors.js';
import { IpAddress, IpPrefix, parseAddress, parsePrefix } from '../values/ip.js';
import { mapKey } from '../values/json.js';
import { isUrl, parseUrl, type ParsedUrl } from '../values/url.js';
import { CelList, CelMap, type MapKey, type Result, type Value } from '../values/values.js';
import { cidr, fn, ip, method, text, textCost, traversal, url, type Cost, type Overload } from './declare.js';

/*
 * Addresses, networks and URLs.
 */

const since = 30;
const cost = textCost();
/** Measured: reading an address. */
const READ_STEPS = 150;

const address = (written: string): IpAddress | CelError => {
  const read = parseAddress(written);
  return typeof read === 'string' ? new CelError(read) : read;
};

const prefix = (written: string): IpPrefix | CelError => {
  const read = parsePrefix(written);
  return typeof read === 'string' ? new CelError(read) : read;
};

const isCanonical = (written: string): Result => {
  const read = address(written);
  return read instanceof CelError ? read : read.toString() === written;
};

const containsAddress = (network: IpPrefix, written: string): Result => {
  const read = address(written);
  return read instanceof CelError ? read : network.contains(read);
};

const containsPrefix = (network: IpPrefix, written: string): Result => {
  const read = prefix(written);
  return read instanceof CelError ? read : network.containsPrefix(read);
};

/** Kubernetes counts the bytes of a network's prefix, twice; thrice and one more for another network. */
const containsCost =
  (times: number, more: number): Cost =>
  ([network, other]) => {
    const size = Math.ceil((network as IpPrefix).length / 8);
    const compared = traversal(size, 2) + (times === 3 ? traversal(size) : 0) + more;
    return typeof other === 'string' ? compared + traversal(other.length) : compared;
  };

const IP_FUNCTIONS: readonly Overload[] = [
  fn('ip', [text], IP, ([s], spending) => spending.step(READ_STEPS) ?? address(s), { since, cost }),
  fn('isIP', [text], BOOL, ([s], spending) => spending.step(READ_STEPS) ?? typeof parseAddress(s) !== 'string', {
    since,
    cost,
  }),
  fn('ip.isCanonical', [text], BOOL, ([s], spending) => spending.step(2 * READ_STEPS) ?? isCanonical(s), {
    since,
    cost: textCost(2),
  }),
  method('family', [ip], INT, ([x]) => BigInt(x.family), { since }),
  method('isUnspecified', [ip], BOOL, ([x]) => x.isUnspecified(), { since }),
  method('isLoopback', [ip], BOOL, ([x]) => x.isLoopback(), { since }),
  method('isLinkLocalMulticast', [ip], BOOL, ([x]) => x.isLinkLocalMulticast(), { since }),
  method('isLinkLocalUnicast', [ip], BOOL, ([x]) => x.isLinkLocalUnicast(), { since }),
  method('isGlobalUnicast', [ip], BOOL, ([x]) => x.isGlobalUnicast(), { since }),
];

const CIDR_FUNCTIONS: readonly Overload[] = [
  fn('cidr', [text], CIDR, ([s], spending) => spending.step(READ_STEPS) ?? prefix(s), { since, cost }),
  fn('isCIDR', [text], BOOL, ([s], spending) => spending.step(READ_STEPS) ?? typeof parsePrefix(s) !== 'string', {
    since,
    cost,
  }),
  method('ip', [cidr], IP, ([x]) => x.address, { since }),
  method('masked', [cidr], CIDR, ([x]) => x.masked(), { since }),
  method('prefixLength', [cidr], INT, ([x]) => BigInt(x.length), { since }),
  method('containsIP', [cidr, ip], BOOL, ([x, other]) => x.contains(other), { since, cost: containsCost(2, 0) }),
  method('containsIP', [cidr, text], BOOL, ([x, s], spending) => spending.step(READ_STEPS) ?? containsAddress(x, s), {
    since,
    cost: containsCost(2, 0),
  }),
  method('containsCIDR', [cidr, cidr], BOOL, ([x, other]) => x.containsPrefix(other), {
    since,
    cost: containsCost(3, 1),
  }),
  method('containsCIDR', [cidr, text], BOOL, ([x, s], spending) => spending.step(READ_STEPS) ?? containsPrefix(x, s), {
    since,
    cost: containsCost(3, 1),
  }),
];

/** In the words of Go. */
const notUrl = (written: string): CelError =>
  new CelError(
    `URL parse error during conversion from string: parse ${JSON.stringify(written.slice(0, 64))}: invalid URI for request`,
  );

const parameters = (parsed: ParsedUrl): Result => {
  const entries = new Map<MapKey, { key: Value; value: Value }>();
  for (const [key, values] of parsed.parameters()) {
    entries.set(mapKey(key) ?? key, { key, value: new CelList(values) });
  }
  return new CelMap(entries);
};

const URL_FUNCTIONS: readonly Overload[] = [
  fn('url', [text], URL_TYPE, ([s], spending) => spending.step(300 + 2 * s.length) ?? parseUrl(s) ?? notUrl(s), {
    cost,
  }),
  fn('isURL', [text], BOOL, ([s], spending) => spending.step(200 + s.length) ?? isUrl(s)),
  method('getScheme', [url], STRING, ([u]) => u.scheme),
  method('getHost', [url], STRING, ([u]) => u.host),
  method('getHostname', [url], STRING, ([u]) => u.hostname()),
  method('getPort', [url], STRING, ([u]) => u.port()),
  method('getEscapedPath', [url], STRING, ([u]) => u.escapedPath),
  method(
    'getQuery',
    [url],
    mapType(STRING, listType(STRING)),
    ([u], spending) => spending.step(20 + u.query.length * 4) ?? parameters(u),
  ),
];

export const NETWORK_FUNCTIONS: readonly Overload[] = [...IP_FUNCTIONS, ...CIDR_FUNCTIONS, ...URL_FUNCTIONS];

/*
 * URLs as Go's net/url reads them: absolute ones and absolute paths (ParseRequestURI), then their parts (Parse).
 */

export class ParsedUrl {
  constructor(
    /** As it was written. */
    readonly text: string,
    readonly scheme: string,
    /** With the port, and brackets about an IPv6 address. */
    readonly host: string,
    readonly escapedPath: string,
    readonly query: string,
  ) {}

  hostname(): string {
    const bracket = this.host.indexOf(']');
    if (this.host.startsWith('[') && bracket > 0) return this.host.slice(1, bracket);
    const colon = this.host.indexOf(':');
    return colon < 0 ? this.host : this.host.slice(0, colon);
  }

  port(): string {
    const match = /:(\d*)$/.exec(this.host.replace(/^\[[^\]]*\]/, ''));
    return match?.[1] ?? '';
  }

  /** The values of each key, in order; pairs that cannot be read are left out, as in Go. */
  parameters(): Map<string, string[]> {
    const found = new Map<string, string[]>();
    for (const pair of this.query.split('&')) {
      if (pair === '' || pair.includes(';')) continue;
      const equals = pair.indexOf('=');
      const key = unescapeQuery(equals < 0 ? pair : pair.slice(0, equals));
      const value = unescapeQuery(equals < 0 ? '' : pair.slice(equals + 1));
      if (key === undefined || value === undefined) continue;
      found.set(key, [...(found.get(key) ?? []), value]);
    }
    return found;
  }
}

/** Control characters, which Go's parser refuses. */
const isControl = (character: string): boolean => character < ' ' || character === '\x7f';
const BAD_ESCAPE = /%(?![0-9a-fA-F]{2})/;
const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):/;
const USER = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;
/** What a host may hold besides escapes and what is no ASCII. */
const HOST = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"]|%[89A-Fa-f][0-9A-Fa-f]|[^\0-\x7f])*$/;
const ZONE_HOST = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"]|%[0-9A-Fa-f]{2}|[^\0-\x7f])*$/;
const PORT = /^(?::\d*)?$/;
/** What stays as it is where a path is escaped. */
const PATH_PLAIN = /[A-Za-z0-9\-_.~$&+,/:;=@]/;
const PATH_VALID = /^[A-Za-z0-9\-_.~$&+,/:;=@!'()*[\]%]*$/;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Escapes resolved byte by byte: what is not UTF-8 then becomes the mark of that. */
const unescapeText = (text: string): string | undefined => {
  if (BAD_ESCAPE.test(text)) return undefined;
  if (!text.includes('%')) return text;
  const bytes: number[] = [];
  for (const part of text.split(/(%[0-9a-fA-F]{2})/)) {
    if (part.startsWith('%')) bytes.push(Number.parseInt(part.slice(1), 16));
    else bytes.push(...encoder.encode(part));
  }
  return decoder.decode(Uint8Array.from(bytes));
};

const unescapeQuery = (text: string): string | undefined => unescapeText(text.replaceAll('+', ' '));

const escapeByte = (byte: number): string => {
  const character = String.fromCharCode(byte);
  return byte < 0x80 && PATH_PLAIN.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
};

const escapePath = (path: string): string => {
  if (PATH_VALID.test(path)) return path;
  const plain = unescapeText(path) ?? path;
  return Array.from(encoder.encode(plain), escapeByte).join('');
};

/** The host with its port, or undefined. */
const readHost = (text: string): string | undefined => {
  if (text.startsWith('[')) {
    const close = text.lastIndexOf(']');
    if (close < 0 || !PORT.test(text.slice(close + 1))) return undefined;
    const zone = text.slice(0, close).indexOf('%25');
    const plain = zone < 0 ? text : text.slice(0, zone) + text.slice(close);
    if (!HOST.test(plain) || (zone >= 0 && !ZONE_HOST.test(text))) return undefined;
    return unescapeText(text);
  }
  const colon = text.lastIndexOf(':');
  if (colon >= 0 && !PORT.test(text.slice(colon))) return undefined;
  return HOST.test(text) ? unescapeText(text) : undefined;
};

const readAuthority = (text: string): string | undefined => {
  const at = text.lastIndexOf('@');
  if (at < 0) return readHost(text);
  const user = text.slice(0, at);
  return USER.test(user) && !BAD_ESCAPE.test(user) ? readHost(text.slice(at + 1)) : undefined;
};

interface Split {
  readonly scheme: string;
  readonly rest: string;
  readonly query: string;
}

const split = (text: string): Split | undefined => {
  if (Array.from(text).some(isControl) || text.startsWith(':')) return undefined;
  const [head = '', scheme = ''] = SCHEME.exec(text) ?? [];
  const after = text.slice(head.length);
  const mark = after.indexOf('?');
  const rest = mark < 0 ? after : after.slice(0, mark);
  return { scheme: scheme.toLowerCase(), rest, query: mark < 0 ? '' : after.slice(mark + 1) };
};

const read = (text: string, isRequest: boolean): ParsedUrl | undefined => {
  const parts = split(text);
  if (parts === undefined || (isRequest && text === '')) return undefined;
  const { scheme, rest, query } = parts;
  if (isRequest && text === '*') return new ParsedUrl(text, '', '', '*', '');
  if (!rest.startsWith('/')) {
    if (scheme !== '') return new ParsedUrl(text, scheme, '', '', query);
    if (isRequest || /^[^/]*:/.test(rest)) return undefined;
  }
  const hasAuthority = rest.startsWith('//') && (scheme !== '' || (!isRequest && !rest.startsWith('///')));
  const slash = hasAuthority ? rest.indexOf('/', 2) : 0;
  const authority = hasAuthority ? rest.slice(2, slash < 0 ? undefined : slash) : '';
  const path = hasAuthority ? (slash < 0 ? '' : rest.slice(slash)) : rest;
  const host = readAuthority(authority);
  if (host === undefined || BAD_ESCAPE.test(path)) return undefined;
  return new ParsedUrl(text, scheme, host, escapePath(path), query);
};

export const isUrl = (text: string): boolean => read(text, true) !== undefined;

export const parseUrl = (text: string): ParsedUrl | undefined => {
  if (!isUrl(text)) return undefined;
  const hash = text.indexOf('#');
  if (hash < 0) return read(text, false);
  if (BAD_ESCAPE.test(text.slice(hash + 1))) return undefined;
  const before = read(text.slice(0, hash), false);
  return before && new ParsedUrl(text, before.scheme, before.host, before.escapedPath, before.query);
};

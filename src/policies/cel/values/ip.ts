/*
 * Addresses and their prefixes as Go's net/netip reads them, and Kubernetes takes them: no zones, no IPv4 addresses in
 * IPv6 ones, no leading zeros.
 */

export type Family = 4 | 6;
const BITS: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };

export class IpAddress {
  constructor(
    readonly family: Family,
    readonly bits: bigint,
  ) {}

  equals(other: IpAddress): boolean {
    return this.family === other.family && this.bits === other.bits;
  }

  /** Whether it lies in a network that is written as `bits` and the number of them that count. */
  isIn(family: Family, bits: bigint, length: number): boolean {
    if (family !== this.family) return false;
    const shift = BigInt(BITS[family] - length);
    return this.bits >> shift === bits >> shift;
  }

  isUnspecified(): boolean {
    return this.bits === 0n;
  }

  isLoopback(): boolean {
    return this.isIn(4, 127n << 24n, 8) || (this.family === 6 && this.bits === 1n);
  }

  isLinkLocalUnicast(): boolean {
    return this.isIn(4, 0xa9fe0000n, 16) || this.isIn(6, 0xfe80n << 112n, 10);
  }

  isLinkLocalMulticast(): boolean {
    return this.isIn(4, 224n << 24n, 24) || (this.family === 6 && ((this.bits >> 112n) & 0xff0fn) === 0xff02n);
  }

  isMulticast(): boolean {
    return this.isIn(4, 224n << 24n, 4) || this.isIn(6, 0xffn << 120n, 8);
  }

  isGlobalUnicast(): boolean {
    if (this.family === 4 && this.bits === 0xffffffffn) return false;
    return !this.isUnspecified() && !this.isLoopback() && !this.isMulticast() && !this.isLinkLocalUnicast();
  }

  toString(): string {
    return this.family === 4 ? dotted(this.bits) : colons(this.bits);
  }
}

export class IpPrefix {
  constructor(
    readonly address: IpAddress,
    readonly length: number,
  ) {}

  equals(other: IpPrefix): boolean {
    return this.length === other.length && this.address.equals(other.address);
  }

  masked(): IpPrefix {
    const shift = BigInt(BITS[this.address.family] - this.length);
    return new IpPrefix(new IpAddress(this.address.family, (this.address.bits >> shift) << shift), this.length);
  }

  contains(address: IpAddress): boolean {
    return address.isIn(this.address.family, this.address.bits, this.length);
  }

  containsPrefix(other: IpPrefix): boolean {
    return this.length <= other.length && this.contains(other.address);
  }

  toString(): string {
    return `${this.address.toString()}/${this.length}`;
  }
}

const dotted = (bits: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.');

const groupsOf = (bits: bigint): number[] =>
  Array.from({ length: 8 }, (_, i) => Number((bits >> BigInt(16 * (7 - i))) & 0xffffn));

/** As RFC 5952 writes it: the first of the longest runs of zeros, of two or more, is left out. */
const colons = (bits: bigint): string => {
  const groups = groupsOf(bits);
  let [from, length] = [0, 1];
  for (let i = 0; i < 8; i += 1) {
    let end = i;
    while (end < 8 && groups[end] === 0) end += 1;
    if (end - i > length) [from, length] = [i, end - i];
  }
  const text = (part: number[]): string => part.map((group) => group.toString(16)).join(':');
  if (length < 2) return text(groups);
  return `${text(groups.slice(0, from))}::${text(groups.slice(from + length))}`;
};

const FOUR = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

const readFour = (text: string): bigint | undefined => {
  const match = FOUR.exec(text);
  if (match === null) return undefined;
  let bits = 0n;
  for (const part of match.slice(1)) {
    const byte = Number(part);
    if (byte > 255 || (part.length > 1 && part.startsWith('0'))) return undefined;
    bits = (bits << 8n) | BigInt(byte);
  }
  return bits;
};

const GROUP = /^[0-9a-fA-F]{1,4}$/;

/** The groups of one side of `::`, an IPv4 address at the end read as two. */
const readGroups = (text: string, mayEndDotted: boolean): bigint[] | undefined => {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: bigint[] = [];
  for (const [i, part] of parts.entries()) {
    if (GROUP.test(part)) groups.push(BigInt(`0x${part}`));
    else {
      const four = mayEndDotted && i === parts.length - 1 ? readFour(part) : undefined;
      if (four === undefined) return undefined;
      groups.push(four >> 16n, four & 0xffffn);
    }
  }
  return groups;
};

const readSix = (text: string): bigint | undefined => {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = '', tail] = halves;
  const before = readGroups(head, tail === undefined);
  const after = readGroups(tail ?? '', true);
  if (before === undefined || after === undefined) return undefined;
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array.from({ length: missing }, () => 0n), ...after];
  return groups.reduce((bits, group) => (bits << 16n) | group, 0n);
};

/** The longest address with a dotted end has 45 characters. */
const MAX_TEXT = 45;
const IN_SIX = 0xffffn;

/** The address, or what is wrong with the text. */
export const parseAddress = (text: string): IpAddress | string => {
  const shown = JSON.stringify(text.slice(0, MAX_TEXT + 1));
  if (text.includes('%')) return `IP address ${shown} with zone value is not allowed`;
  const four = text.length > MAX_TEXT ? undefined : readFour(text);
  if (four !== undefined) return new IpAddress(4, four);
  const six = text.length > MAX_TEXT || !text.includes(':') ? undefined : readSix(text);
  if (six === undefined) return `${shown} is not an IP address`;
  if (six >> 32n === IN_SIX) return `IPv4-mapped IPv6 address ${shown} is not allowed`;
  return new IpAddress(6, six);
};

const LENGTH = /^(?:0|[1-9]\d{0,2})$/;

/** The prefix, or what is wrong with the text. */
export const parsePrefix = (text: string): IpPrefix | string => {
  const slash = text.lastIndexOf('/');
  const shown = JSON.stringify(text.slice(0, MAX_TEXT + 4));
  if (slash < 0) return `${shown} is not a CIDR: it has no /`;
  const address = parseAddress(text.slice(0, slash));
  if (typeof address === 'string') return address;
  const written = text.slice(slash + 1);
  if (!LENGTH.test(written) || Number(written) > BITS[address.family]) {
    return `${shown} is not a CIDR: its length must be a number up to ${BITS[address.family]}`;
  }
  return new IpPrefix(address, Number(written));
};

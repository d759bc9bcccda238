/*
 * Semantic versions as Kubernetes reads them (github.com/blang/semver).
 */

type Identifier = string | bigint;

const MAX = 2n ** 64n - 1n;

export class Semver {
  constructor(
    readonly major: bigint,
    readonly minor: bigint,
    readonly patch: bigint,
    readonly prerelease: readonly Identifier[],
    readonly build: readonly string[],
  ) {}

  /** What was built is not compared. */
  compare(other: Semver): -1 | 0 | 1 {
    for (const part of ['major', 'minor', 'patch'] as const) {
      if (this[part] !== other[part]) return this[part] < other[part] ? -1 : 1;
    }
    return comparePrereleases(this.prerelease, other.prerelease);
  }

  equals(other: Semver): boolean {
    return this.compare(other) === 0;
  }

  toString(): string {
    const pre = this.prerelease.length === 0 ? '' : `-${this.prerelease.join('.')}`;
    const build = this.build.length === 0 ? '' : `+${this.build.join('.')}`;
    return `${this.major}.${this.minor}.${this.patch}${pre}${build}`;
  }
}

/** Numbers come before words; a version without prerelease comes after those with one. */
const comparePrereleases = (one: readonly Identifier[], other: readonly Identifier[]): -1 | 0 | 1 => {
  if (one.length === 0 || other.length === 0) {
    if (one.length === other.length) return 0;
    return one.length === 0 ? 1 : -1;
  }
  for (const [i, a] of one.entries()) {
    const b = other[i];
    if (b === undefined) return 1;
    if (a === b) continue;
    if (typeof a !== typeof b) return typeof a === 'bigint' ? -1 : 1;
    return a < b ? -1 : 1;
  }
  return one.length === other.length ? 0 : -1;
};

const NUMBER = /^(?:0|[1-9]\d*)$/;
const WORD = /^[0-9A-Za-z-]+$/;

const numberOf = (text: string): bigint | undefined => {
  const number = NUMBER.test(text) && text.length <= 20 ? BigInt(text) : undefined;
  return number !== undefined && number <= MAX ? number : undefined;
};

const identifierOf = (text: string): Identifier | undefined => {
  if (!WORD.test(text)) return undefined;
  return /^\d+$/.test(text) ? numberOf(text) : text;
};

const isNoHole = <T>(items: readonly (T | undefined)[]): items is readonly T[] => !items.includes(undefined);

/** Splits once: what is before the mark, and what behind it. */
const cut = (text: string, mark: string): [string, string | undefined] => {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
};

/** The first two parts, and all the rest: `1.2.3-a.b` is 1, 2 and 3-a.b. */
const threeParts = (text: string): string[] => {
  const parts = text.split('.');
  return parts.length <= 3 ? parts : [...parts.slice(0, 2), parts.slice(2).join('.')];
};

export const parseSemver = (text: string): Semver | undefined => {
  const [first = '', second, third] = threeParts(text);
  if (second === undefined || third === undefined) return undefined;
  const [version, buildText] = cut(third, '+');
  const [last, prereleaseText] = cut(version, '-');
  const numbers = [first, second, last].map(numberOf);
  const [major, minor, patch] = numbers;
  const prerelease = prereleaseText === undefined ? [] : prereleaseText.split('.').map(identifierOf);
  const build = buildText === undefined ? [] : buildText.split('.');
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  if (!isNoHole(prerelease) || !build.every((word) => WORD.test(word))) return undefined;
  return new Semver(major, minor, patch, prerelease, build);
};

/** `v1.0` as 1.0.0: Kubernetes' normalization takes a v and leading zeros away, and adds what is missing. */
export const normalizedVersion = (text: string): string => {
  const parts = threeParts(text.startsWith('v') ? text.slice(1) : text).map((part) => {
    if (part.length <= 1) return part;
    const trimmed = part.replace(/^0+/, '');
    return /^\d/.test(trimmed) ? trimmed : `0${trimmed}`;
  });
  if (parts.length < 3 && /[+-]/.test(parts.at(-1) ?? '')) return '';
  while (parts.length < 3) parts.push('0');
  return parts.join('.');
};

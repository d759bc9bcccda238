/*
 * Expressions made by chance, of the part of CEL that all implementations have, over objects like VMs. Mostly well
 * typed; what a field holds is not always what its neighbours make one expect.
 */

export type Random = () => number;

/** mulberry32: the same for the same seed. */
export const randomFrom = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

export const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)]!;

const KEYS = ['a', 'b', 'name', 'cores', 'labels', 'constructor', '__proto__', 'length', 'toString', 'k-d'] as const;
const TEXTS = ['', 'a', 'web', 'shop', 'Grüße', '🎉x', 'registry.example.com/os:12', 'A.b-c', ' x '] as const;
const INTS = [0, 1, 2, 3, -1, 7, 42, 9007199254740991, -5] as const;
const DOUBLES = ['0.5', '1.5', '-2.25', '1e3', '3.0'] as const;

/** An object of JSON, at most `depth` deep. */
export const anyJson = (random: Random, depth: number): unknown => {
  const kind = random();
  if (depth <= 0 || kind < 0.4) {
    return pick<unknown>(random, [pick(random, INTS), pick(random, TEXTS), random() < 0.5, null, 1.5]);
  }
  const size = Math.floor(random() * 4);
  if (kind < 0.6) return Array.from({ length: size }, () => anyJson(random, depth - 1));
  const made: Record<string, unknown> = {};
  for (let i = 0; i < size; i += 1) {
    // As JSON.parse makes it: an own property, whatever its name.
    Object.defineProperty(made, pick(random, KEYS), {
      value: anyJson(random, depth - 1),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return made;
};

type Kind = 'bool' | 'int' | 'double' | 'text' | 'ints' | 'texts' | 'any';

/** A path into the object, of whatever it holds there. */
const path = (random: Random, scope: readonly string[]): string => {
  let text = pick(random, ['object', 'object', ...scope]);
  for (let steps = Math.floor(random() * 3); steps > 0; steps -= 1) {
    const key = pick(random, KEYS);
    text += /^[a-z_]+$/i.test(key) && random() < 0.8 ? `.${key}` : `['${key}']`;
  }
  return text;
};

const quoted = (text: string): string => JSON.stringify(text);

export const anyExpression = (random: Random, kind: Kind, depth: number, scope: readonly string[] = []): string => {
  const of = (other: Kind, names = scope): string => anyExpression(random, other, depth - 1, names);
  const leaf = (): string => {
    switch (kind) {
      case 'bool':
        return pick(random, ['true', 'false', `has(object.${pick(random, ['a', 'b', 'name', 'labels'])})`]);
      case 'int':
        return pick(random, [String(pick(random, INTS)), 'size(object)']);
      case 'double':
        return pick(random, DOUBLES);
      case 'text':
        return quoted(pick(random, TEXTS));
      case 'ints':
        return `[${pick(random, INTS)}, ${pick(random, INTS)}]`;
      case 'texts':
        return `[${quoted(pick(random, TEXTS))}]`;
      case 'any':
        return path(random, scope);
    }
  };
  if (depth <= 0) return leaf();
  if (random() < 0.15) return path(random, scope);
  const name = `v${scope.length}`;
  const inner = [...scope, name];
  const range = (): string => pick(random, [of('ints'), of('texts'), path(random, scope)]);
  const forms: Readonly<Record<Kind, readonly (() => string)[]>> = {
    bool: [
      () => `(${of('bool')} && ${of('bool')})`,
      () => `(${of('bool')} || ${of('bool')})`,
      () => `!${of('bool')}`,
      () => `(${of('int')} ${pick(random, ['<', '<=', '>', '>=', '==', '!='])} ${of('int')})`,
      () => `(${of('double')} ${pick(random, ['<', '>=', '=='])} ${of('double')})`,
      () => `(${of('text')} ${pick(random, ['<', '<=', '>', '==', '!='])} ${of('text')})`,
      () => `(${of('any')} == ${of('any')})`,
      () => `(${of('int')} in ${of('ints')})`,
      () => `(${of('text')} in ${pick(random, [of('texts'), path(random, scope)])})`,
      () => `${of('text')}.${pick(random, ['startsWith', 'endsWith', 'contains'])}(${of('text')})`,
      () => `${range()}.${pick(random, ['all', 'exists', 'exists_one'])}(${name}, ${of('bool', inner)})`,
      () => `(${of('bool')} ? ${of('bool')} : ${of('bool')})`,
      () => `${of('text')}.matches('${pick(random, ['^[a-z]+$', 'a|b', '^.$', 'x*', '^$', '\\\\d'])}')`,
    ],
    int: [
      () => `(${of('int')} ${pick(random, ['+', '-', '*', '/', '%'])} ${of('int')})`,
      () => `size(${pick(random, [of('text'), of('ints'), of('texts'), path(random, scope)])})`,
      () => `(${of('bool')} ? ${of('int')} : ${of('int')})`,
      () => `int(${of('double')})`,
      () => `${of('ints')}[${of('int')}]`,
    ],
    double: [
      () => `(${of('double')} ${pick(random, ['+', '-', '*', '/'])} ${of('double')})`,
      () => `double(${of('int')})`,
    ],
    text: [
      () => `(${of('text')} + ${of('text')})`,
      () => `string(${of('int')})`,
      () => `(${of('bool')} ? ${of('text')} : ${of('text')})`,
    ],
    ints: [
      () => `${range()}.map(${name}, ${of('int', inner)})`,
      () => `${of('ints')}.filter(${name}, ${of('bool', inner)})`,
      () => `(${of('ints')} + ${of('ints')})`,
    ],
    texts: [
      () => `${range()}.map(${name}, ${of('text', inner)})`,
      () => `${of('texts')}.filter(${name}, ${of('bool', inner)})`,
    ],
    any: [() => path(random, scope), () => of('int'), () => of('text'), () => of('ints')],
  };
  return pick(random, forms[kind])();
};

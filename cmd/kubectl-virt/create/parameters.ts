import { tryQuantity } from '../../../src/api/quantity.js';
import { suggest } from '../../../src/api/schema-check/suggest.js';
import { visibleLine } from '../../../src/api/visible-text.js';
import { isDnsSubdomain } from '../../../src/validators/rule/names.js';
import { UsageError } from '../errors.js';

/*
 * What stands behind --volume-pvc and its like: `key:value,key:value`, parted at the first colon; lists parted by
 * semicolons. Source: docs/reference/control.md §1.10.
 */

/** Of one flag, by its keys. */
export class Parameters {
  readonly #values = new Map<string, string>();

  constructor(
    readonly flag: string,
    text: string,
  ) {
    for (const part of text.split(',')) {
      const [, key, value] = /^([^:]+):([^]*)$/.exec(part) ?? [];
      if (key === undefined || value === undefined)
        throw this.problem(`"${part}" is not a key and a value`, 'Write key:value,key:value.');
      if (this.#values.has(key)) throw this.problem(`"${key}" is given twice`, 'Give it once.');
      this.#values.set(key, value);
    }
  }

  /** @throws UsageError for a key that is none of these */
  allow(...keys: readonly string[]): this {
    for (const key of this.#values.keys()) {
      if (keys.includes(key)) continue;
      const near = suggest(key, keys);
      throw this.problem(
        `"${key}" is not known here`,
        near === undefined ? `Use ${keys.join(', ')}.` : `Did you mean ${near}?`,
      );
    }
    return this;
  }

  get(key: string): string | undefined {
    const value = this.#values.get(key);
    if (value === '') throw this.problem(`"${key}" is empty`, `Write ${key}:VALUE.`);
    return value;
  }

  require(key: string): string {
    const value = this.get(key);
    if (value === undefined) throw this.problem(`"${key}" is missing`, `Add ${key}:VALUE.`);
    return value;
  }

  oneOf<const Choice extends string>(key: string, choices: readonly Choice[], otherwise: Choice): Choice {
    const value = this.get(key);
    const found = value === undefined ? otherwise : choices.find((choice) => choice === value.toLowerCase());
    if (found === undefined) throw this.problem(`${key} is "${value ?? ''}"`, `Use ${choices.join(', ')}.`);
    return found;
  }

  /** The name of an object of Kubernetes. */
  name(key: string): string | undefined {
    const value = this.get(key);
    if (value !== undefined && !isDnsSubdomain(value))
      throw this.problem(`${key} "${value}" is not a valid name`, 'Use lower-case letters, digits, "-" and ".".');
    return value;
  }

  requireName(key: string): string {
    this.require(key);
    return this.name(key) ?? '';
  }

  /** `NAMESPACE/NAME`. */
  requirePlace(key: string): { readonly namespace: string; readonly name: string } {
    const { namespace, name } = this.requirePath(key);
    if (namespace === undefined)
      throw this.problem(`${key} "${name}" names no namespace`, `Write ${key}:NAMESPACE/NAME.`);
    return { namespace, name };
  }

  /** `[NAMESPACE/]NAME`. */
  requirePath(key: string): { readonly namespace?: string; readonly name: string } {
    const parts = this.require(key).split('/');
    if (parts.length > 2 || parts.some((part) => !isDnsSubdomain(part)))
      throw this.problem(`${key} "${parts.join('/')}" is not the name of an object`, `Write ${key}:NAMESPACE/NAME.`);
    const [first = '', second] = parts;
    return second === undefined ? { name: first } : { namespace: first, name: second };
  }

  size(): string | undefined {
    const value = this.get('size');
    const quantity = value === undefined ? undefined : tryQuantity(value);
    if (value !== undefined && quantity === undefined)
      throw this.problem(`size "${value}" is not a quantity`, 'Write a number with a unit, such as size:10Gi.');
    return value;
  }

  bootOrder(): number | undefined {
    const value = this.get('bootorder');
    if (value === undefined) return undefined;
    if (!/^[1-9]\d{0,8}$/.test(value))
      throw this.problem(`bootorder is "${value}"`, 'Write a whole number, 1 or more.');
    return Number(value);
  }

  list(key: string): string[] | undefined {
    return this.get(key)?.split(';');
  }

  problem(what: string, remedy: string): UsageError {
    return new UsageError(`failed to parse "--${this.flag}" flag: ${visibleLine(what)}`, { remedy });
  }
}

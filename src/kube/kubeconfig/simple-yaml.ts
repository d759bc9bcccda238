/**
 * Reads the YAML that kubectl and its relatives write into kubeconfigs: block mappings and sequences of plain and
 * simply quoted scalars. It spares `start` the YAML library, a fifth of its CPU time. Anything beyond that (flow style,
 * anchors, multi-line scalars, comments behind values …) makes it give up, and the caller takes the library: it may
 * know less than YAML, but must never read anything differently. A property test compares the two.
 */

interface Line {
  readonly indent: number;
  readonly text: string;
}

/** Thrown inside this file only: this text is for the library. */
class NotSimple extends Error {}

/** A plain key or scalar of characters that mean nothing to YAML in any place. */
const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_./-]*$/;
const PLAIN_VALUE = /^(?:--(?=[A-Za-z]))?[A-Za-z0-9_/.+=][A-Za-z0-9_/.+=@:~,;() -]*$/;
/** What the core schema does not take for a string, or might not. */
const NOT_A_STRING = /^(null|true|false|yes|no|on|off|~|[-+.]?\d[\d_.:xoeE+-]*|[-+]?\.(inf|nan))$/i;

const scalar = (text: string): unknown => {
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (text === 'null') return null;
  if (text === '[]') return [];
  if (text === '{}') return {};
  const single = /^'([^'\\]*)'$/.exec(text)?.[1];
  if (single !== undefined) return single;
  const double = /^"([^"\\]*)"$/.exec(text)?.[1];
  if (double !== undefined) return double;
  const ambiguous = NOT_A_STRING.test(text) || text.includes(': ') || text.endsWith(':') || text.endsWith(' ');
  if (ambiguous || !PLAIN_VALUE.test(text)) throw new NotSimple();
  return text;
};

class Reader {
  #next = 0;
  readonly #lines: readonly Line[];

  constructor(lines: readonly Line[]) {
    this.#lines = lines;
  }

  document(): unknown {
    const first = this.#lines[0];
    if (first === undefined) return null;
    const value = this.#block(first.indent);
    if (this.#next < this.#lines.length) throw new NotSimple();
    return value;
  }

  #block(indent: number): unknown {
    return this.#lines[this.#next]?.text.startsWith('- ') ? this.#sequence(indent) : this.#mapping(indent);
  }

  #sequence(indent: number): unknown[] {
    const items: unknown[] = [];
    for (let line = this.#at(indent); line?.text.startsWith('- '); line = this.#at(indent)) {
      const rest = line.text.slice(2);
      if (/^[A-Za-z_][A-Za-z0-9_./-]*:( |$)/.test(rest)) {
        // "- key: value": a mapping whose first line shares the dash's.
        items.push(this.#mapping(indent + 2, rest));
      } else {
        if (rest.startsWith('- ') || rest.startsWith(' ')) throw new NotSimple();
        this.#next += 1;
        items.push(scalar(rest));
      }
    }
    return items;
  }

  #mapping(indent: number, firstText?: string): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    let text = firstText ?? this.#at(indent)?.text;
    while (text !== undefined && !text.startsWith('- ')) {
      const [, key = '', value] = /^([^\s:]+):(?: (.*))?$/.exec(text) ?? [];
      if (!PLAIN_KEY.test(key) || NOT_A_STRING.test(key) || key in result) throw new NotSimple();
      this.#next += 1;
      result[key] = value === undefined ? this.#nested(indent) : scalar(value);
      text = this.#at(indent)?.text;
    }
    return result;
  }

  /** What belongs to a "key:" line: deeper lines, or a sequence at the same depth, or nothing. */
  #nested(indent: number): unknown {
    const line = this.#lines[this.#next];
    if (line === undefined || line.indent < indent) return null;
    if (line.indent > indent) return this.#block(line.indent);
    return line.text.startsWith('- ') ? this.#sequence(indent) : null;
  }

  /** The next line if it is at this depth; one that is deeper belongs to nothing. */
  #at(indent: number): Line | undefined {
    const line = this.#lines[this.#next];
    if (line === undefined || line.indent < indent) return undefined;
    if (line.indent > indent) throw new NotSimple();
    return line;
  }
}

/** @returns the value, wrapped; undefined when the text is for the library */
export const parseSimpleYaml = (text: string): { value: unknown } | undefined => {
  const lines = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ indent: line.length - line.trimStart().length, text: line.trimStart() }));
  // Only spaces indent, and only "\n" ends a line; the start and end of a document are more than it knows.
  if (lines.some((line) => line.text === '') || /[\t\r\0]|^---|^\.\.\.|^%/m.test(text)) return undefined;
  try {
    return { value: new Reader(lines).document() };
  } catch (error) {
    if (error instanceof NotSimple) return undefined;
    throw error;
  }
};

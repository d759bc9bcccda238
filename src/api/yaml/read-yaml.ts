import { lastComma, splitDocuments } from './chunks.js';
import type { Chunk } from './chunks.js';
import { YamlDocument } from './document.js';
import { explainError } from './explain-error.js';
import { harmIn, nameOfCharacter, suspectsIn } from './invisible-characters.js';
import { Lines } from './lines.js';
import type { Position } from './lines.js';
import type { YamlNode } from './node.js';
import { toPlainData } from './plain-data.js';
import type { RepeatedKey } from './plain-data.js';
import { YamlSyntaxError } from './syntax-error.js';
import { findTemplate, isOpenShiftTemplate, parameterInBraces, variableIn } from './template-text.js';
import { parseTree } from './tree-parser.js';

/*
 * The one reader of YAML and JSON that people write. It reads what kubectl reads, and says in one message what is wrong
 * with a file.
 */

export type YamlProblemKind =
  'syntax' | 'template' | 'invisible-character' | 'duplicate-key' | 'merge-order' | 'unread-document';

export interface YamlProblem extends Position {
  readonly kind: YamlProblemKind;
  readonly message: string;
}

export interface YamlReading {
  readonly documents: readonly YamlDocument[];
  /** In the order of the file. */
  readonly problems: readonly YamlProblem[];
}

/** Of one kind and document; a file of which each line is wrong need not be listed. */
const MAX_REPEATED = 10;
// What go-yaml does not take: all but tab, line ends, and what can be printed.
const CONTROL = /[^\P{Cc}\t\n\r\u0085]|[\ufffe\uffff]/u;
const MAX_KEY_SHOWN = 60;

type Outcome =
  | { readonly document: YamlDocument | undefined; readonly problems: readonly YamlProblem[] }
  | { readonly template: YamlProblem };

const plural = (count: number, one: string, many: string): string => (count === 1 ? one : `${count} ${many}`);

class Reader {
  readonly #lines: Lines;

  constructor(readonly text: string) {
    this.#lines = new Lines(text);
  }

  read(): YamlReading {
    const start = this.text.startsWith('\ufeff') ? 1 : 0;
    const { chunks, badMarks } = splitDocuments(this.text, start, this.#lines);
    const marks = badMarks
      .slice(0, MAX_REPEATED)
      .map((offset) =>
        this.#problem(
          offset,
          'unread-document',
          'a line that begins with "---" parts documents: write nothing behind it',
        ),
      );
    const outcomes = chunks.map((chunk) => this.#readChunk(chunk));
    // One template makes the file one; what could be read of it by chance is nothing to be checked.
    const template = outcomes.flatMap((each) => ('template' in each ? [each.template] : []))[0];
    if (template !== undefined) return { documents: [], problems: [template] };
    const read = outcomes.flatMap((each) => ('template' in each ? [] : [each]));
    return {
      documents: read.flatMap(({ document }) => document ?? []),
      problems: [...marks, ...read.flatMap(({ problems }) => problems)].sort(
        (a, b) => a.line - b.line || a.column - b.column,
      ),
    };
  }

  #problem(offset: number, kind: YamlProblemKind, message: string): YamlProblem {
    return { ...this.#lines.positionOf(offset), kind, message };
  }

  #readChunk(chunk: Chunk): Outcome {
    try {
      const control = chunk.json ? null : CONTROL.exec(this.text.slice(chunk.from, chunk.to));
      if (control !== null) throw new YamlSyntaxError('control-character', chunk.from + control.index);
      const comma = chunk.json ? undefined : lastComma(this.text, chunk);
      if (comma !== undefined) {
        const problem = this.#problem(
          comma,
          'syntax',
          'a comma stands behind the last item, which JSON does not allow (kubectl before 1.33 refuses it): remove it',
        );
        return { document: undefined, problems: [problem] };
      }
      const { root, rest } = parseTree(this.text, chunk);
      if (root === undefined) return { document: undefined, problems: this.#unread(rest) };
      const harm = harmIn(root, chunk, this.text);
      if (harm.length > 0) return { document: undefined, problems: [this.#invisible(harm)] };
      const { value, repeated } = this.#data(root, chunk);
      const problems = [...this.#repeated(repeated), ...this.#unread(rest)];
      // A document of nothing is left out by kubectl.
      return { document: value === null ? undefined : new YamlDocument(value, root, this.#lines), problems };
    } catch (error) {
      if (!(error instanceof YamlSyntaxError)) throw error;
      return this.#refused(error, chunk);
    }
  }

  /** JSON has texts that YAML 1.1 reads otherwise: line separators, pairs of surrogates, control characters. */
  #data(root: YamlNode, { from, to, json }: Chunk): ReturnType<typeof toPlainData> {
    const { value, repeated } = toPlainData(root);
    return { value: json ? (JSON.parse(this.text.slice(from, to)) as unknown) : value, repeated };
  }

  #refused(error: YamlSyntaxError, chunk: Chunk): Outcome {
    const wrong = this.#lines.positionOf(error.offset).line;
    const template = findTemplate(chunk, this.#lines, wrong);
    if (template !== undefined) return { template: this.#problem(template.offset, 'template', template.message) };
    const inTemplate = isOpenShiftTemplate(this.text.slice(chunk.from, chunk.to));
    const parameter = inTemplate ? parameterInBraces(this.#lines.textOf(wrong)) : undefined;
    if (parameter !== undefined) {
      const at = this.#lines.startOf(wrong) + parameter.at;
      return { document: undefined, problems: [this.#problem(at, 'syntax', parameter.message)] };
    }
    const variable = inTemplate ? undefined : variableIn(this.#lines.textOf(wrong));
    if (variable !== undefined) return { template: this.#problem(error.offset, 'template', variable) };
    const suspects = suspectsIn(chunk, this.#lines);
    if (suspects.length > 0) return { document: undefined, problems: [this.#invisible(suspects)] };
    const { offset, message } = explainError(error, this.#lines);
    const more = error.code === 'tab' ? this.#moreTabs(error.offset, chunk) : '';
    return { document: undefined, problems: [this.#problem(offset, 'syntax', message + more)] };
  }

  #moreTabs(offset: number, { to }: Chunk): string {
    const { line } = this.#lines.positionOf(offset);
    const rest = this.text.slice(this.#lines.startOf(line + 1), to);
    const count = rest.match(/^ *\t/gm)?.length ?? 0;
    return count === 0 ? '' : ` (so ${plural(count, 'does 1 more line', 'more lines')})`;
  }

  #invisible(offsets: readonly number[]): YamlProblem {
    const [first = 0] = offsets;
    const lines = new Set(offsets.map((offset) => this.#lines.positionOf(offset).line)).size - 1;
    const character = String.fromCodePoint(this.text.codePointAt(first) ?? 0);
    const more =
      lines === 0 ? '' : `; ${plural(lines, '1 more line has such a character', 'more lines have such characters')}`;
    return this.#problem(
      first,
      'invisible-character',
      `${nameOfCharacter(character)} stands here, which cannot be seen: write a plain space or nothing${more}`,
    );
  }

  #repeated(repeated: readonly RepeatedKey[]): YamlProblem[] {
    return repeated.slice(0, MAX_REPEATED).map(({ key, first, again, merged }, index) => {
      const { line } = this.#lines.positionOf(first);
      const name = JSON.stringify(key.length > MAX_KEY_SHOWN ? `${key.slice(0, MAX_KEY_SHOWN)}…` : key);
      const left = repeated.length - MAX_REPEATED;
      const more = index === MAX_REPEATED - 1 && left > 0 ? ` (and ${plural(left, '1 more key', 'more keys')})` : '';
      return merged
        ? this.#problem(again, 'merge-order', `"<<" replaces the ${name} of line ${line}: write "<<" above it${more}`)
        : this.#problem(
            again,
            'duplicate-key',
            `the key ${name} stands in line ${line} already, and only the last one counts: keep one${more}`,
          );
    });
  }

  #unread(rest: number | undefined): YamlProblem[] {
    if (rest === undefined) return [];
    return [
      this.#problem(rest, 'unread-document', 'kubectl does not read what follows here: begin it with a line "---"'),
    ];
  }
}

/** Every document of a file. Never throws: what is wrong is a problem, one for each cause. */
export const readYaml = (text: string): YamlReading => new Reader(text).read();

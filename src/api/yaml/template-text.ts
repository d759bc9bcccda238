import type { Chunk } from './chunks.js';
import type { Lines } from './lines.js';

/** Files that are made into manifests by something else, told by what only its language has. */

export interface TemplateText {
  readonly offset: number;
  /** What it is and what to do. */
  readonly message: string;
}

/** Longer lines are data; looking through them costs time and finds nothing. */
const MAX_LINE = 10_000;
const CHECK = 'kubectl virt lint -f -';

const HELM = /\.(Values|Release|Chart|Capabilities|Files|Template)\b|\b(include|nindent|toYaml|tpl|quote|indent)\b/;
const GO_ONLY = /\{\{-|-\}\}|\{\{\s*(?:\/\*|\.|\$|if\b|range\b|with\b|end\b|else\b|define\b|template\b|block\b)/;

/** What a text with braces is a template of; undefined where it has none. */
export const templateIn = (text: string): string | undefined => {
  if (/\{%[-+]?\s/.test(text)) return 'this is a Jinja template: render it first, and check what comes out of it';
  if (!text.includes('{{')) return undefined;
  if (HELM.test(text)) return `this is a Helm template: render it first: helm template … | ${CHECK}`;
  if (GO_ONLY.test(text))
    return `this is a Go template (of Helm, for example): render it first: helm template … | ${CHECK}`;
  return `this is a template (Jinja or another): render it first, and check what comes out of it: … | ${CHECK}`;
};

const VARIABLE = /\$\{[A-Za-z_][A-Za-z0-9_]*(?:[:=-][^}]*)?\}|\$\([A-Za-z_][A-Za-z0-9_]*\)/;

/** The same of variables such as `${NAME}`. */
export const variableIn = (text: string): string | undefined => {
  const found = VARIABLE.exec(text.slice(0, MAX_LINE));
  if (found === null) return undefined;
  return `${found[0].slice(0, 60)} is a variable to be replaced first: envsubst < FILE | ${CHECK}`;
};

const OF_OPENSHIFT = /^["']?kind["']?:[ \t]*["']?Template["']?[ \t]*(?:#.*)?\r?$/m;

/** Whether a document that cannot be read is OpenShift's Template, in which `${{NAME}}` and `${NAME}` may stand. */
export const isOpenShiftTemplate = (text: string): boolean =>
  OF_OPENSHIFT.test(text) && /^["']?objects["']?:/m.test(text);

const PARAMETER = /\$\{\{\w{1,100}\}\}|\$\{\w{1,100}\}/g;

/** The first parameter in a line that stands, without quotes, inside of YAML's own braces or brackets. */
export const parameterInBraces = (line: string): { at: number; message: string } | undefined => {
  const written = line.slice(0, MAX_LINE);
  // In quotes it is well.
  const bare = written.replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"|'[^']*'/g, (quoted) => ' '.repeat(quoted.length));
  for (const { 0: found, index } of bare.matchAll(PARAMETER)) {
    if (!/[{[]/.test(bare.slice(0, index).replaceAll(PARAMETER, ''))) continue;
    const message = `${found.slice(0, 60)} stands in braces without quotes: write "${found.slice(0, 60)}"`;
    return { at: index, message };
  }
  return undefined;
};

/** A text that goes on in deeper lines (`|`, `>`), in which anything may stand. */
const OPENS_TEXT = /(?:^|[:\s-])[|>][-+0-9]{0,2}[ \t]*(?:#.*)?$/;

/** A value that begins with a quote, in which braces are text. */
const IS_QUOTED = /^\s*(?:- +)*(?:[^\s:"']+:\s+)?["']/;

/**
 * The first line of a document that cannot be read which has braces of a template, outside of comments and texts.
 * `wrong`: the line at which reading stopped.
 */
export const findTemplate = ({ from, to }: Chunk, lines: Lines, wrong: number): TemplateText | undefined => {
  const isOpenShift = isOpenShiftTemplate(lines.text.slice(from, to));
  const last = lines.positionOf(Math.max(from, to - 1)).line;
  let textIndent = Infinity;
  const marked: { offset: number; text: string }[] = [];
  for (let { line } = lines.positionOf(from); line <= last; line += 1) {
    const source = lines.textOf(line).slice(0, MAX_LINE);
    const written = isOpenShift ? source.replaceAll(PARAMETER, (found) => '_'.repeat(found.length)) : source;
    const indent = written.search(/\S/);
    if (indent < 0 || indent > textIndent) continue;
    textIndent = OPENS_TEXT.test(written) ? indent : Infinity;
    if (written.startsWith('#', indent) || (line !== wrong && IS_QUOTED.test(written))) continue;
    const at = written.search(/\{\{|\{%/);
    if (at >= 0) marked.push({ offset: lines.startOf(line) + at, text: written });
  }
  const [first] = marked;
  if (first === undefined) return undefined;
  // What it is may be seen in a later line only.
  const all = marked
    .slice(0, 200)
    .map(({ text }) => text)
    .join('\n');
  return { offset: first.offset, message: templateIn(all) ?? 'this is a template: render it first' };
};

import { nameOfCharacter } from './invisible-characters.js';
import type { Lines } from './lines.js';
import { signIn } from './look-alikes.js';
import type { YamlErrorCode, YamlSyntaxError } from './syntax-error.js';

/*
 * What is the matter with a text that is not YAML, in the words of who wrote it: what stands there, and what to write
 * instead.
 */

const MAX_SHOWN = 40;

interface Place {
  readonly lines: Lines;
  readonly text: string;
  readonly at: number;
  readonly begun: number;
  /** The line of `at`, and what stands in it before and from there on. */
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

const shown = (text: string): string => {
  const trimmed = text.trim();
  return trimmed.length > MAX_SHOWN ? `${trimmed.slice(0, MAX_SHOWN)}…` : trimmed;
};

const lineOf = ({ lines }: Place, offset: number): number => lines.positionOf(offset).line;

/** `key:value`, which is a text and no key. */
const GLUED = /^\s*(?:- +)*([\w./-]+):([^\s:/][^\s]*)\s*$/;

const glued = (written: string): string | undefined => {
  const found = GLUED.exec(written.slice(0, 300));
  const [, key = '', value = ''] = found ?? [];
  return found === null ? undefined : `a space is missing behind the colon: write "${shown(`${key}: ${value}`)}"`;
};

const dashed = (written: string): string | undefined => {
  const found = /^\s*-([\w"'{[].*)$/.exec(written.slice(0, 300));
  return found === null ? undefined : `a space is missing behind the dash: write "- ${shown(found[1] ?? '')}"`;
};

/** A place of its own, where it is not the one at which reading stopped. */
interface Explained {
  readonly offset: number;
  readonly message: string;
}

/** A space that is missing in a line, shown where it is missing. */
const missingSpace = ({ lines }: Place, number: number): Explained | undefined => {
  const written = lines.textOf(number);
  const dash = dashed(written);
  const message = glued(written) ?? dash;
  if (message === undefined) return undefined;
  return { offset: lines.startOf(number) + written.indexOf(message === dash ? '-' : ':'), message };
};

/** The nearest line above that is neither empty nor a comment. */
const lineAbove = ({ lines, line }: Place): { number: number; written: string } | undefined => {
  for (let number = line - 1; number > 0 && number > line - 100; number -= 1) {
    const written = lines.textOf(number);
    if (/^\s*[^\s#]/.test(written)) return { number, written };
  }
  return undefined;
};

const valueNotAllowed = (place: Place): string | Explained => {
  const { before, lines, line } = place;
  const above = lineAbove(place);
  const colon = /^\s*(?:- +)*(?:[^\s:"']+|"[^"]*"|'[^']*'):\s+(\S.*)$/.exec(before.slice(0, 1000));
  if (colon !== null) return `a second ": " in one value: put the value in quotes, or begin a new line for its key`;
  const missing = above === undefined ? undefined : missingSpace(place, above.number);
  if (missing !== undefined) return missing;
  const indent = lines.textOf(line).search(/\S/);
  if (above !== undefined && indent > above.written.search(/\S/)) {
    return `this line is indented below line ${above.number}, which has a value already: indent both alike`;
  }
  return 'a key stands where none can: look at the indentation of this line and the one above';
};

const noColon = (place: Place): string | Explained => {
  const number = lineOf(place, place.begun);
  const written = place.lines.textOf(number);
  const missing = missingSpace(place, number);
  if (missing !== undefined) return missing;
  return `"${shown(written)}" has no colon: write "key: value"`;
};

/** Behind a closing quote. */
const afterQuote = ({ before, after }: Place): string | undefined => {
  const quote = /(["'])[^"']*$/.exec(before.trimEnd())?.[1];
  if (quote === undefined || !before.trimEnd().endsWith(quote)) return undefined;
  const double =
    quote === "'" ? "; a ' inside such a text is written twice" : '; a " inside such a text is written \\"';
  return `"${shown(after)}" stands behind the closing quote: put the whole value in quotes${double}`;
};

const spaces = (count: number): string => `${count} space${count === 1 ? '' : 's'}`;

const wrongIndentation = (place: Place): string => {
  const { lines, line, begun } = place;
  const start = lines.positionOf(begun);
  const above = lineAbove(place);
  const indent = above?.written.search(/\S/) ?? 0;
  const beside = above === undefined || above.number <= start.line ? '' : `line ${above.number} has ${indent} and `;
  const own = spaces(lines.textOf(line).search(/\S/));
  return `wrong indentation: ${own}, where ${beside}line ${start.line} has ${start.column - 1}: indent what belongs together alike`;
};

const expectedKey = (place: Place): string => {
  const { before, after, line } = place;
  const quoted = afterQuote(place);
  if (quoted !== undefined) return quoted;
  const column = place.lines.positionOf(place.begun).column - 1;
  if (before.trim() === '' && after.startsWith('- ') && before.length === column) {
    return `a list item ("- ") stands beside the keys of the map that begins in line ${lineOf(place, place.begun)}`;
  }
  if (before.trim() !== '')
    return `"${shown(after)}" stands behind a value that has ended: put the whole value in quotes`;
  return line === lineOf(place, place.begun) ? 'here a key is expected: write "key: value"' : wrongIndentation(place);
};

const expectedEntry = (place: Place): string => {
  const { before, after, lines, begun } = place;
  const quoted = afterQuote(place);
  if (quoted !== undefined) return quoted;
  if (before.trim() !== '')
    return `"${shown(after)}" stands behind a value that has ended: put the whole value in quotes`;
  const list = lines.positionOf(begun);
  if (before.length !== list.column - 1) return wrongIndentation(place);
  return `a "- " is missing, or more indentation: this line stands among the items of the list of line ${list.line}`;
};

const unclosed = (place: Place, open: string, close: string): string => {
  const begun = `the "${open}" of line ${lineOf(place, place.begun)}`;
  if (place.after.trim() === '') return `${begun} is never closed: write "${close}"`;
  return `"${shown(place.after)}" cannot stand inside ${begun}: a comma is missing, or the "${close}" that closes it`;
};

const reserved = ({ after }: Place): string => {
  const character = after.charAt(0);
  if ('|>'.includes(character)) return `"${character}" cannot stand inside brackets: put the value in quotes`;
  return `"${character}" cannot begin a value: put the value in quotes`;
};

const WORDS: Readonly<Record<YamlErrorCode, (place: Place) => string | Explained>> = {
  alias: ({ after }) => `"${after.charAt(0)}" begins the name of an anchor: if it is text, put the value in quotes`,
  'alias-of-itself': () => 'an anchor contains itself: write the value out',
  'alias-unknown': ({ after }) =>
    `${shown(/^\*[\w-]*/.exec(after)?.[0] ?? '*')} stands for an anchor (&…) that is not above: ` +
    'if it is text, put it in quotes',
  aliases: () => 'aliases (*name) make too much of this document: write the values out',
  'block-header': ({ after }) => `"${shown(after)}" cannot stand behind "|" or ">": begin the text in the next line`,
  'control-character': ({ after }) =>
    `the character ${nameOfCharacter(after)} is not allowed: save the file as UTF-8 text, or write it as an escape`,
  depth: () => 'it is nested too deeply: no manifest has more than 200 levels',
  directive: () => 'a line that begins with "%" is no part of a manifest: remove it, or put the value in quotes',
  'entry-not-allowed': () => 'a list begins in a line of its own: write each "- " below its key',
  escape: ({ after }) => `${shown(after.slice(0, 2))} is no escape: write \\\\ for a backslash, or use single quotes`,
  'expected-entry': expectedEntry,
  'expected-key': expectedKey,
  'flow-list': (place) => unclosed(place, '[', ']'),
  'flow-map': (place) => unclosed(place, '{', '}'),
  'key-not-allowed': () => '"? " cannot stand here: put the value in quotes',
  'key-type': () => 'a key must be a text: write it without brackets, or in quotes',
  merge: () => 'the merge key "<<" takes a map or a list of maps (*name)',
  'no-colon': noColon,
  'no-content': ({ after }) =>
    after.trim() === ''
      ? 'the file ends where a value is expected'
      : `"${shown(after)}" stands where a value is expected`,
  'not-finite': () => 'JSON has no number for infinity and "not a number": put the value in quotes',
  quote: (place) => {
    const quote = place.text.charAt(place.begun);
    return `the quote (${quote}) is never closed: write ${quote} where the value ends`;
  },
  reserved,
  tab: () => 'a tab in the indentation: YAML takes spaces only there',
  tag: () => 'a "!" begins a tag: put the value in quotes',
  'tag-value': () => 'the value is not what its tag ("!!…") says: remove the tag',
  unindented: (place) => afterQuote(place) ?? wrongIndentation(place),
  'value-not-allowed': valueNotAllowed,
};

/** A quote is shown where it begins: where it should end only its author knows. */
const SHOWN_AT_BEGINNING: ReadonlySet<YamlErrorCode> = new Set(['quote', 'no-colon']);

/** A sign that looks like one of YAML's, in the lines that an error is about. */
const falseSign = (place: Place): Explained | undefined => {
  const { lines, line } = place;
  for (const number of [line, lineAbove(place)?.number ?? line, lineOf(place, place.begun)]) {
    const found = signIn(lines.textOf(number));
    // In the lines before it, a quote may be meant as it is.
    if (found !== undefined && (number === line || !found.isQuote))
      return { offset: lines.startOf(number) + found.at, message: found.message };
  }
  return undefined;
};

/** Offset and words for an error. */
export const explainError = (error: YamlSyntaxError, lines: Lines): Explained => {
  const markup = /^\s*<[!?a-z]/i.exec(lines.text.slice(0, 1000));
  if (markup !== null) return { offset: 0, message: 'this is a page of HTML or XML, and no manifest' };
  const { line } = lines.positionOf(error.offset);
  const start = lines.startOf(line);
  const place = {
    ...{ lines, text: lines.text, at: error.offset, begun: error.begun, line },
    before: lines.text.slice(start, error.offset),
    after: lines.textOf(line).slice(error.offset - start),
  };
  const words = falseSign(place) ?? WORDS[error.code](place);
  if (typeof words === 'object') return words;
  return { offset: SHOWN_AT_BEGINNING.has(error.code) ? error.begun : error.offset, message: words };
};

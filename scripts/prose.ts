/*
 * Prose of at most 120 columns: Markdown pages and the comments of code. Prettier wraps code and leaves these alone.
 * Tables, blocks of code, headings and what cannot be broken (a link, a word in backticks) may be longer.
 */

export const MAX_COLUMNS = 120;

/** Where a line may be broken: blanks outside of code and of a link's address. */
const words = (text: string): string[] => {
  const found: string[] = [];
  let word = '';
  let code = false;
  let address = 0;
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i);
    if (character === '`') code = !code;
    if (!code && text.startsWith('](', i)) address += 1;
    if (!code && character === ')' && address > 0) address -= 1;
    if (character === ' ' && !code && address === 0) {
      if (word !== '') found.push(word);
      word = '';
    } else word += character;
  }
  if (word !== '') found.push(word);
  return found;
};

/** A word that would be read as the beginning of a list, heading, quotation or table at the beginning of a line. */
const MARK = /^(?:[-+*>|#]|#+|\d+[.)]|={2,}|-{2,}|~{3,}|`{3,}.*)$/;

/**
 * The words in lines that begin with `first`, then with `next`. A word that is longer than a line stands in its own.
 */
const fill = (all: readonly string[], first: string, next: string): string[] => {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of all) {
    if (!isEmpty && `${line} ${word}`.length > MAX_COLUMNS && !MARK.test(word)) {
      lines.push(line);
      line = next;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
};

/**
 * Whether a line of prose is too long and could be broken. `start`: what it begins with and the next one would, too.
 */
const isTooLong = (line: string, start: string): boolean =>
  line.length > MAX_COLUMNS && fill(words(line.slice(start.length)), start, start).length > 1;

const FENCE = /^\s*(?:```|~~~)/;
/** What is no prose: blank, heading, table, HTML, the address of a link, a picture or badge by itself. */
const NO_PROSE = /^\s*(?:$|#|\||<|\[[^\]]+\]:|!\[|\[!\[)/;
/** The indent of a line, its quotation marks, and the mark of a list item. */
const START = /^(\s*(?:>\s?)*)((?:[-*+]|\d+[.)])\s+)?/;

interface Place {
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

const startOf = (line: string): { first: string; next: string; isItem: boolean } => {
  const [first = '', indent = '', mark = ''] = START.exec(line) ?? [];
  return { first, next: indent + ' '.repeat(mark.length), isItem: mark !== '' };
};

/** Wraps paragraphs of a Markdown page from their first line that is too long; gives the page, and those lines. */
export const wrapMarkdown = (page: string): { readonly page: string; readonly tooLong: readonly Place[] } => {
  const lines = page.split('\n');
  const wrapped: string[] = [];
  const tooLong: Place[] = [];
  let inCode = false;
  let i = 0;
  while (i < lines.length) {
    const line = lines[i] ?? '';
    if (FENCE.test(line)) inCode = !inCode;
    const { first, next } = startOf(line);
    if (inCode || FENCE.test(line) || NO_PROSE.test(line) || !isTooLong(line, first)) {
      wrapped.push(line);
      i += 1;
      continue;
    }
    tooLong.push({ line: i + 1, text: line });
    const paragraph = [line.slice(first.length)];
    // What goes on in the same paragraph; two blanks at the end of a line are a break that was meant.
    while (!/(?: {2}|\\)$/.test(lines[i] ?? '')) {
      const following = lines[i + 1] ?? '';
      if (FENCE.test(following) || NO_PROSE.test(following) || startOf(following).isItem) break;
      if (startOf(following).first !== next && !first.endsWith(next)) break;
      paragraph.push(following.trim());
      i += 1;
    }
    wrapped.push(...fill(words(paragraph.join(' ')), first, next));
    i += 1;
  }
  return { page: wrapped.join('\n'), tooLong };
};

/** A line inside a comment of several lines, `//` or ` *`; the text goes on in the next line of the same kind. */
const COMMENT = /^(\s*(?:\/\/|\*)\s)(?=\S)/;
/** A comment of one line by itself. */
const ONE_LINE = /^(\s*)(\/\*\*?) (.*) \*\/$/;
/** Tags, list items, tables and directives begin a paragraph of their own. */
const OWN_PARAGRAPH = /^(?:@|[-*|#`]|\d+[.)]\s|eslint|prettier|c8|ts-|Source:)/;

/** The same for the comments of code. Comments behind code are left alone. */
export const wrapComments = (code: string): { readonly page: string; readonly tooLong: readonly Place[] } => {
  const lines = code.split('\n');
  const wrapped: string[] = [];
  const tooLong: Place[] = [];
  // A line that begins with a star may be one of a list in a text.
  let inBlock = false;
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i] ?? '';
    if (/^\s*\/\*/.test(line)) inBlock = true;
    const isComment = inBlock || /^\s*\/\//.test(line);
    if (line.includes('*/')) inBlock = false;
    const single = ONE_LINE.exec(line);
    const [start] = COMMENT.exec(line) ?? [];
    if (
      line.length <= MAX_COLUMNS ||
      !isComment ||
      (single === null && start === undefined) ||
      /^\s*\/\/ eslint/.test(line)
    ) {
      wrapped.push(line);
      continue;
    }
    if (single !== null) {
      const [, indent = '', open = '', text = ''] = single;
      const star = `${indent} * `;
      wrapped.push(indent + open, ...fill(words(text), star, star), `${indent} */`);
      tooLong.push({ line: i + 1, text: line });
      continue;
    }
    const from = start ?? '';
    if (!isTooLong(line, from)) {
      wrapped.push(line);
      continue;
    }
    tooLong.push({ line: i + 1, text: line });
    const paragraph = [line.slice(from.length)];
    for (;;) {
      const following = lines[i + 1] ?? '';
      if (COMMENT.exec(following)?.[0] !== from || OWN_PARAGRAPH.test(following.slice(from.length))) break;
      paragraph.push(following.slice(from.length));
      i += 1;
    }
    wrapped.push(...fill(words(paragraph.join(' ')), from, from));
  }
  return { page: wrapped.join('\n'), tooLong };
};

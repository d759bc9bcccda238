/** Narrower columns than that are not worth having: the text goes below. */
const LEAST_COLUMN = 24;

/** Where the second column of a line of help begins: behind its first words and two spaces or more. */
const secondColumn = (line: string): number => /^ {2,}\S.*? {2,}(?=\S)/.exec(line)?.[0].length ?? 0;

const wrapLine = (line: string, columns: number): string => {
  if (line.length <= columns) return line;
  const begin = secondColumn(line);
  const below = begin === 0 ? 2 : columns - begin >= LEAST_COLUMN ? begin : 6;
  const lines: string[] = [];
  let current = line.slice(0, begin).trimEnd();
  if (begin > 0 && below === begin) current = line.slice(0, begin);
  else if (begin > 0) {
    lines.push(current);
    current = ' '.repeat(below);
  }
  let isEmpty = true;
  for (const word of line.slice(begin).split(/ +/)) {
    if (!isEmpty && current.length + 1 + word.length > columns) {
      lines.push(current);
      current = ' '.repeat(below);
      isEmpty = true;
    }
    current += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, current].join('\n');
};

/**
 * Help, which has each entry on a line of its own, wrapped at words to the width of the terminal, the second column
 * kept. Of yargs's own wrapping words are broken. @param columns 0: in a pipe, nothing is wrapped
 */
export const wrapHelp = (text: string, columns: number): string =>
  columns === 0
    ? text
    : text
        .split('\n')
        .map((line) => wrapLine(line, columns))
        .join('\n');

import { Lines } from './lines.js';

/*
 * Documents of a file as kubectl parts them, which looks for lines and not for YAML (source: k8s.io/apimachinery,
 * pkg/util/yaml/decoder.go of Kubernetes 1.32).
 */

export interface Chunk {
  readonly from: number;
  readonly to: number;
  /** Of a file that begins as JSON does; then objects may follow each other without a mark. */
  readonly json: boolean;
}

export interface Chunks {
  readonly chunks: readonly Chunk[];
  /** Offsets of lines that begin with `---` and go on. What is around them is not read. */
  readonly badMarks: readonly number[];
}

/** The next line that begins with `---`. */
const nextMark = (text: string, from: number): number | undefined => {
  const found = text.indexOf('\n---', from);
  return found < 0 ? undefined : found + 1;
};

const yamlChunks = (text: string, start: number, lines: Lines): Chunks => {
  const chunks: Chunk[] = [];
  const badMarks: number[] = [];
  let from = start;
  const add = (to: number): void => {
    if ((badMarks.at(-1) ?? -1) < from) chunks.push({ from, to, json: false });
  };
  let at = text.startsWith('---', start) ? start : nextMark(text, start);
  while (at !== undefined) {
    const { line } = lines.positionOf(at);
    const behind = lines
      .textOf(line)
      .slice(at - lines.startOf(line) + 3)
      .trim();
    if (behind !== '' && !behind.startsWith('#')) badMarks.push(at);
    else {
      add(at);
      from = lines.startOf(line + 1);
    }
    at = nextMark(text, at);
  }
  add(text.length);
  return { chunks, badMarks };
};

/** The end of the JSON value that begins here; undefined when it is not closed. */
const endOfJson = (text: string, from: number): number | undefined => {
  let depth = 0;
  const marks = /["{}[\]]/g;
  marks.lastIndex = from;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    if (mark[0] === '"') {
      let at = mark.index + 1;
      while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
      marks.lastIndex = at + 1;
      continue;
    }
    depth += mark[0] === '{' || mark[0] === '[' ? 1 : -1;
    if (depth === 0) return mark.index + 1;
  }
  return undefined;
};

/** One chunk for each JSON object; undefined when the text is not a sequence of them. */
const jsonChunks = (text: string, start: number): readonly Chunk[] | undefined => {
  const chunks: Chunk[] = [];
  for (let from = start; ;) {
    while (from < text.length && ' \t\r\n'.includes(text.charAt(from))) from += 1;
    if (from === text.length) return chunks;
    const to = text[from] === '{' ? endOfJson(text, from) : undefined;
    if (to === undefined) return undefined;
    try {
      JSON.parse(text.slice(from, to));
    } catch {
      return undefined;
    }
    chunks.push({ from, to, json: true });
    from = to;
  }
};

/**
 * Where a comma stands behind the last item of a text that is JSON but for such commas. YAML has them, but kubectl
 * before 1.33 reads as JSON alone what begins with a brace.
 */
export const lastComma = (text: string, { from, to }: Chunk): number | undefined => {
  if (!/^\s*\{/.test(text.slice(from, Math.min(to, from + 1024))) || text.slice(0, from).trim() !== '')
    return undefined;
  let first: number | undefined;
  const source = text.slice(from, to);
  const json = source.replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$)|,(?=\s*[}\]])/gs, (found, index: number) => {
    if (found !== ',') return found;
    first ??= from + index;
    return ' ';
  });
  if (first === undefined) return undefined;
  try {
    JSON.parse(json);
    return first;
  } catch {
    return undefined;
  }
};

/** @param start offset behind a byte order mark */
export const splitDocuments = (text: string, start: number, lines: Lines): Chunks => {
  const json = /^\s*\{/.test(text.slice(start, start + 1024)) ? jsonChunks(text, start) : undefined;
  return json === undefined ? yamlChunks(text, start, lines) : { chunks: json, badMarks: [] };
};

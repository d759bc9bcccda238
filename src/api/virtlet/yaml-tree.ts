import { Composer, isAlias, isMap, isSeq, LineCounter, Parser, type CST, type Document, type Node } from 'yaml';

/*
 * YAML that a stranger wrote into an annotation, read within bounds. The library's composer is recursive: a few
 * kilobytes of brackets exhaust the stack, and end the process where that happens inside a regular expression. So the
 * depth is measured first, on the tokens, which the library's parser makes without recursion; the tree is composed only
 * where it is small.
 */

/** Characters; a setting of 100 CPU features is smaller. Reading the worst text of this length takes some 10 ms. */
export const MAX_YAML_LENGTH = 4096;
/** A CPU setting is five levels deep, and its tokens twice that. */
const MAX_DEPTH = 24;

/**
 * The root of the one document; null where the text is empty. Or why it cannot be read, continuing "cannot be read:
 * ".
 */
export type YamlTree = { readonly root: Node | null } | { readonly problem: string };

const childTokens = (token: unknown): unknown[] => {
  const { items, value } = token as { items?: readonly CST.CollectionItem[]; value?: unknown };
  const inItems = (items ?? []).flatMap((item) => [item.key, item.value]);
  return [...inItems, value].filter((child) => typeof child === 'object' && child !== null);
};

const tooDeep = (token: CST.Token): boolean => {
  let level: unknown[] = [token];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth === MAX_DEPTH) return true;
    level = level.flatMap(childTokens);
  }
  return false;
};

/** Aliases make much of little and are of no use here. Called on a tree of bounded depth. */
const hasAlias = (node: unknown): boolean => {
  if (isAlias(node)) return true;
  if (isSeq(node)) return node.items.some(hasAlias);
  return isMap(node) && node.items.some(({ key, value }) => hasAlias(key) || hasAlias(value));
};

const problemOf = (document: Document.Parsed, lines: LineCounter): string | undefined => {
  // An unknown tag is only a warning to the library, which then takes the value for text.
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) return `line ${lines.linePos(error.pos[0]).line}: ${error.message.trim()}`;
  return hasAlias(document.contents) ? 'aliases (*name) are not followed: write the values out' : undefined;
};

/** Reads YAML 1.2 with the core schema, so that `on` and `yes` are text; JSON is a part of it. Never throws. */
export const readYamlTree = (text: string): YamlTree => {
  if (text.length > MAX_YAML_LENGTH) {
    return { problem: `it has ${text.length} characters; at most ${MAX_YAML_LENGTH} are read` };
  }
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  if (tokens.some(tooDeep)) return { problem: 'it is nested too deeply: no CPU setting is' };
  // Duplicate keys are found by the code that reads the maps: the library compares each with each.
  const composer = new Composer({ version: '1.2', schema: 'core', uniqueKeys: false, logLevel: 'silent' });
  const [document, second] = [...composer.compose(tokens, true, text.length)];
  if (document === undefined) return { root: null };
  if (second !== undefined) return { problem: 'it holds more than one document (---): write one' };
  const problem = problemOf(document, lines);
  return problem === undefined ? { root: document.contents } : { problem };
};

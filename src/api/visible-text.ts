/**
 * Text of others, made visible before a terminal, a log or an event gets it. A terminal acts on control characters (C0,
 * DEL, C1), and on marks of direction and invisible format characters what one reads is not what is there.
 */

/**
 * Control and format characters, line and paragraph separators, halves of surrogate pairs, and what Unicode keeps for
 * more of them (U+2065, the plane of tags).
 */
export const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u2065\u{e0000}-\u{e0fff}]/gu;
const HIDDEN_IN_TEXT = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u2065\u{e0000}-\u{e0fff}]/gu;
/** Nearly every text: nothing to do, without the tables of Unicode, which cost the plugin's start a millisecond. */
const PLAIN = /^[\n\t\x20-\x7e]*$/;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** `\x1b`, `\u202e`, `\u{e0041}`: as JavaScript, and most people, write them. */
const escaped = (character: string): string => {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  if (hex.length <= 2) return NAMED[character] ?? `\\x${hex.padStart(2, '0')}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
};

/** Several lines: line feeds and tabs stay. */
export const visibleText = (text: string): string => (PLAIN.test(text) ? text : text.replace(HIDDEN_IN_TEXT, escaped));

/** What an API server takes as the message of a condition (`metav1.Condition`), and more than any user reads. */
const MAX_STORED = 32_768;

/** Text of others as we store it in conditions and events, where kubectl prints it on other people's terminals. */
export const boundedText = (text: string, most = MAX_STORED): string => visibleText(text.slice(0, most)).slice(0, most);

/** One line, whatever is in it. */
export const visibleLine = (text: string): string => text.replace(HIDDEN, escaped);

/** Whether all of it is seen, and it is one line. */
export const isVisibleLine = (text: string): boolean => text.search(HIDDEN) === -1;

const codeUnits = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');

/** JSON that says the same and shows all of it: such characters can only be inside its strings. */
export const visibleJson = (json: string): string =>
  PLAIN.test(json) ? json : json.replace(HIDDEN_IN_TEXT, codeUnits);

/** XML likewise, by references; only for XML whose names are plain. */
export const visibleXml = (xml: string): string =>
  xml.replace(HIDDEN_IN_TEXT, (character) => `&#x${(character.codePointAt(0) ?? 0).toString(16)};`);

/** Double-quoted text of YAML likewise; text of another style must not have such characters. */
export const visibleYaml = (yaml: string): string =>
  yaml.replace(HIDDEN_IN_TEXT, (character) =>
    character.length === 1
      ? codeUnits(character)
      : `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`,
  );

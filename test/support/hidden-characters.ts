/** What a terminal acts on or nobody sees, written out by code point and not taken from the code that is tested. */
const RANGES: readonly (readonly [number, number])[] = [
  [0x00, 0x08], // C0 up to tab
  [0x0b, 0x1f], // C0 from line feed on
  [0x7f, 0x9f], // DEL, C1
  [0xad, 0xad], // soft hyphen
  [0x061c, 0x061c], // Arabic letter mark
  [0x180e, 0x180e],
  [0x200b, 0x200f], // zero width, marks of direction
  [0x2028, 0x202e], // separators, embeddings and overrides
  [0x2060, 0x206f], // word joiner, isolates
  [0xd800, 0xdfff], // halves of surrogate pairs
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe007f], // tags
];

/** Those that are in a text, line feeds and tabs aside, as hex. */
export const hiddenIn = (text: string): string[] =>
  Array.from(text)
    .map((character) => character.codePointAt(0) ?? 0)
    .filter((code) => RANGES.some(([first, last]) => code >= first && code <= last))
    .map((code) => code.toString(16));

/**
 * One of each kind: clears the screen, sets the title, writes the clipboard (OSC 52), the same by C1, turns the text
 * around.
 */
export const PAYLOADS = [
  '\x1b[2J\x1b[1;1H',
  '\x1b]0;owned\x07',
  '\x1b]52;c;ZWNobyBvd25lZA==\x07',
  '\x9b2J\x9d52;c;QQ==\x9c',
  '\x00\x08\x7f\r',
  '\u202egpj.exe\u202c\u2066x\u2069',
  '\u200b\ufeff\u2028\u2029',
  '\ud800',
  '\u{e0041}',
] as const;
export const PAYLOAD = PAYLOADS.join('');

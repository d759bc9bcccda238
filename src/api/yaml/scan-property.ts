import { END, isBlankOrEnd, isWord } from './cursor.js';
import type { Cursor } from './cursor.js';
import { YamlSyntaxError } from './syntax-error.js';

/* Anchors, aliases and tags. Sources: yaml_parser_scan_anchor, yaml_parser_scan_tag. */

const TAG_CHARACTERS = ";/?:@&=+$,.!~*'()[]%<>";

/** The name behind `&` or `*`. */
export const scanName = (cursor: Cursor): string => {
  const start = cursor.offset;
  cursor.offset += 1;
  while (isWord(cursor.code())) cursor.offset += 1;
  const name = cursor.text.slice(start + 1, cursor.offset);
  const followed = isBlankOrEnd(cursor.code()) || '?:,]}%@`'.includes(cursor.text.charAt(cursor.offset));
  if (name === '' || !followed) throw new YamlSyntaxError('alias', start);
  return name;
};

/** A tag as it is written, `!` and all. */
export const scanTag = (cursor: Cursor): string => {
  const start = cursor.offset;
  const isTag = (): boolean =>
    cursor.code() !== END && (isWord(cursor.code()) || TAG_CHARACTERS.includes(cursor.text.charAt(cursor.offset)));
  while (isTag()) cursor.offset += 1;
  if (!isBlankOrEnd(cursor.code())) throw new YamlSyntaxError('tag', start);
  return cursor.text.slice(start, cursor.offset);
};

import type { YamlErrorCode } from '../yaml/syntax-error.js';

const INDENTED = 'it is indented otherwise than what it belongs to';
const BRACKETS = 'a bracket or brace is not closed: a text that begins with one is to be put in quotes';
const ALIAS = 'a text that begins with * or & is to be put in quotes';

/**
 * What may be wrong there, by what the reader of YAML stopped at. Without a word of the text itself: a password may
 * stand there, and warnings go into logs.
 */
export const YAML_WORDS: Readonly<Record<YamlErrorCode, string>> = {
  alias: ALIAS,
  'alias-of-itself': ALIAS,
  'alias-unknown': ALIAS,
  aliases: 'its aliases stand for more than can be read',
  'block-header': 'behind | or > the line is to end',
  'control-character': 'a control character stands there',
  depth: 'it is nested too deep',
  directive: 'a line that begins with % is to be put in quotes',
  'entry-not-allowed': 'a dash begins an item where none can be',
  escape: 'behind a backslash in double quotes stands what is no escape: use single quotes',
  'expected-entry': INDENTED,
  'expected-key': INDENTED,
  'flow-list': BRACKETS,
  'flow-map': BRACKETS,
  'key-not-allowed': INDENTED,
  'key-type': 'a map or list stands where a key has to be: a text that begins with { or [ is to be put in quotes',
  merge: 'behind << a map has to stand',
  'no-colon': 'a key has no colon, or no space behind it',
  'no-content': 'nothing can be read there',
  'not-finite': 'a number is none',
  quote: 'a quote is not closed',
  reserved: 'a text that begins with @ or ` is to be put in quotes',
  tab: 'a tab stands there: write spaces',
  tag: 'a text that begins with ! is to be put in quotes',
  'tag-value': 'a text that begins with ! is to be put in quotes',
  unindented: INDENTED,
  'value-not-allowed':
    'a second colon stands in what is one text: put the text in quotes, or indent the line as the one above',
};

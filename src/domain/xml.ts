/*
 * The only way to XML in this project: a tree of elements that is checked and escaped while it is written. Whatever the
 * strings in it contain, the output is well-formed and reads back as the same tree, or nothing is written at all.
 */

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
}
/** An element, or the text between elements. */
export type XmlNode = XmlElement | string;

type AttributeValue = string | number | bigint | undefined;
type Child = XmlNode | readonly XmlNode[] | undefined;

/** Raised for a name or a character that XML cannot hold. `message` names the element and the code point. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
}

/**
 * An element. An attribute whose value is `undefined` is left out, and so are `undefined` children; lists of children
 * are flattened: that spares the callers their conditions.
 */
export const element = (
  name: string,
  attributes: Readonly<Record<string, AttributeValue>> = {},
  ...children: readonly Child[]
): XmlElement => ({
  name,
  attributes: Object.fromEntries(
    Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  ),
  children: children.flat().filter((child): child is XmlNode => child !== undefined),
});

/** ASCII names only: every name in libvirt's schema is, and a narrower alphabet leaves less to go wrong. */
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*(?::[A-Za-z_][A-Za-z0-9_.-]*)?$/;

const checkName = (name: string, what: string): void => {
  if (!NAME.test(name)) {
    throw new XmlError(
      `${JSON.stringify(name)} cannot name ${what}: use a letter, then letters, digits, "-", "_", "."`,
    );
  }
};

/** Char of XML 1.0 §2.2. Surrogates that belong to no pair reach this as their own code points and are refused. */
const isXmlCharacter = (code: number): boolean =>
  code === 0x9 ||
  code === 0xa ||
  code === 0xd ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  code >= 0x10000;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  // Only "]]>" would need it, but always is easier to see right.
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // A parser turns a literal carriage return into a newline, and white space in an attribute into spaces.
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;',
};

const escape = (text: string, special: RegExp, where: string): string => {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (!isXmlCharacter(code)) {
      const point = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
      throw new XmlError(`the character ${point} in ${where} cannot stand in XML: remove it`);
    }
  }
  return text.replace(special, (character) => ESCAPES[character] ?? character);
};
const escapeText = (text: string, where: string): string => escape(text, /[&<>\r]/g, where);
const escapeAttribute = (text: string, where: string): string => escape(text, /[&<>"'\r\n\t]/g, where);

const startTag = (node: XmlElement): string => {
  checkName(node.name, 'an element');
  const attributes = Object.entries(node.attributes).map(([name, value]) => {
    checkName(name, `an attribute of <${node.name}>`);
    return ` ${name}="${escapeAttribute(value, `attribute "${name}" of <${node.name}>`)}"`;
  });
  return `<${node.name}${attributes.join('')}`;
};

const write = (node: XmlElement, indent: string): string => {
  const start = indent + startTag(node);
  const texts = node.children.filter((child) => typeof child === 'string');
  if (node.children.length === 0) return `${start}/>`;
  if (texts.length === 0) {
    const children = node.children.map((child) => (typeof child === 'string' ? '' : write(child, `${indent}  `)));
    return [`${start}>`, ...children, `${indent}</${node.name}>`].join('\n');
  }
  // White space next to text would be part of it, so an element that holds text is written on one line.
  const children = node.children.map((child) =>
    typeof child === 'string' ? escapeText(child, `the text of <${node.name}>`) : inline(child),
  );
  return `${start}>${children.join('')}</${node.name}>`;
};

const inline = (node: XmlElement): string => {
  if (node.children.length === 0) return `${startTag(node)}/>`;
  const children = node.children.map((child) =>
    typeof child === 'string' ? escapeText(child, `the text of <${node.name}>`) : inline(child),
  );
  return `${startTag(node)}>${children.join('')}</${node.name}>`;
};

/**
 * The document of one root element, indented, ending in a newline.
 * @throws XmlError for names and characters that XML 1.0 does not allow.
 */
export const writeXml = (root: XmlElement): string => `${write(root, '')}\n`;

import { SaxesParser } from 'saxes';
import { element, type XmlElement, type XmlNode } from '../../../src/domain/xml.js';

interface Open {
  name: string;
  attributes: Record<string, string>;
  children: XmlNode[];
}

/** White space between elements is layout, not content. */
const withoutLayout = (children: XmlNode[]): XmlNode[] =>
  children.some((child) => typeof child !== 'string')
    ? children.filter((child) => typeof child !== 'string' || !/^\n\s*$/.test(child))
    : children;

/** The tree of an XML text, by a parser that is not ours. Throws when it is not well-formed. */
export const readXml = (text: string): XmlElement => {
  const parser = new SaxesParser({});
  const stack: Open[] = [{ name: '', attributes: {}, children: [] }];
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    stack.push({ name, attributes, children: [] });
  });
  parser.on('text', (data) => {
    stack.at(-1)!.children.push(data);
  });
  parser.on('closetag', () => {
    const { name, attributes, children } = stack.pop()!;
    stack.at(-1)!.children.push(element(name, attributes, withoutLayout(children)));
  });
  parser.write(text).close();
  return stack[0]!.children.find((child): child is XmlElement => typeof child !== 'string')!;
};

/** All elements of that name, in document order. */
export const all = (root: XmlElement, name: string): XmlElement[] =>
  root.children.flatMap((child) =>
    typeof child === 'string' ? [] : [...(child.name === name ? [child] : []), ...all(child, name)],
  );

/** The only element of that name, or undefined. */
export const one = (root: XmlElement, name: string): XmlElement | undefined => all(root, name)[0];

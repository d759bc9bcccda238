import { interfaceAlias } from '../../api/vmi/device-alias.js';

const [BEGIN, END] = ['<interface ', '</interface>'];
const LINK = /<link state='[a-z]{1,8}'\/>/;

/** From the beginning to the end of the element that has this in it. Each search goes through the text once. */
const elementWith = (xml: string, part: string): string | undefined => {
  const at = xml.indexOf(part);
  const [begin, end] = [xml.lastIndexOf(BEGIN, at), xml.indexOf(END, at)];
  return at < 0 || begin < 0 || end < 0 ? undefined : xml.slice(begin, end + END.length);
};

/**
 * The element of a card with its cable plugged or pulled, out of the domain's XML: libvirt takes an element back only
 * if nothing else in it is otherwise than it has it. Undefined: the domain has no such card.
 */
export const cardWithLink = (xml: string, name: string, state: 'up' | 'down'): string | undefined => {
  const aliases = [false, true].map((besideDisk) => `<alias name='${interfaceAlias(name, besideDisk)}'/>`);
  for (const alias of aliases) {
    const card = elementWith(xml, alias);
    if (card !== undefined) return card.replace(LINK, '').replace(alias, `<link state='${state}'/>${alias}`);
  }
  return undefined;
};

/**
 * Reads XML as libvirt prints it, and nothing more of XML: elements, attributes, text, comments. No declaration,
 * document type, processing instruction or CDATA, so there are no entities to expand. `<` and `>` are always escaped in
 * values there, which makes every step a search for the next bracket: the time is that of the text's length, whatever
 * is in it.
 */

export type Attributes = Readonly<Record<string, string>>;

export interface XmlHandler {
  /** @param attributes reads them; costs nothing when it is not called */
  open(name: string, attributes: () => Attributes): void;
  /** Text of an element without children, as it stands. */
  text(text: string): void;
  close(): void;
}

/**
 * An attacker who broke out of QEMU may answer in libvirtd's place. libvirt prints some 10 KiB, and 1 KiB for each disk
 * or interface more.
 */
const MAX_LENGTH = 512 * 1024;
/** libvirt nests a dozen. */
const MAX_DEPTH = 64;
/** 300 for a small guest, 8 for each device more. */
const MAX_ELEMENTS = 16_384;
/** Of the elements that are looked at: some ten for each device. */
const MAX_ATTRIBUTES = 4_096;
/** Of a tag that is looked at: libvirt's are a tenth of it. */
const MAX_TAG = 2_048;

const NAME = /^[A-Za-z_][\w:.-]{0,127}$/;
const SPACE = /\s*/y;
const ATTRIBUTE = /\s+([\w:.-]+)=(?:'([^']*)'|"([^"]*)")/y;

/** What libvirt would not print. The text does not name the domain: it is put into a message that already does. */
const refuse = (why: string): never => {
  throw new Error(`the domain's XML ${why}`);
};

/** Reads `name="value"` one after the other; each is tried at one place only, so the time is that of the length. */
class AttributeReader {
  private count = 0;

  read(tag: string, from: number): Attributes {
    if (tag.length > MAX_TAG) refuse(`has a tag of more than ${MAX_TAG} characters`);
    const attributes = Object.create(null) as Record<string, string>;
    let at = from;
    for (;;) {
      ATTRIBUTE.lastIndex = at;
      const found = ATTRIBUTE.exec(tag);
      if (found === null) break;
      this.count += 1;
      if (this.count > MAX_ATTRIBUTES) refuse(`has more than ${MAX_ATTRIBUTES} attributes`);
      const [whole, name = '', single, double] = found;
      attributes[name] = single ?? double ?? '';
      at += whole.length;
    }
    SPACE.lastIndex = at;
    if (at + (SPACE.exec(tag)?.[0].length ?? 0) < tag.length) refuse('has a tag that libvirt does not print');
    return attributes;
  }
}

/** @throws Error when it is not XML, or more than libvirt ever prints */
export const readXml = (xml: string, handler: XmlHandler): void => {
  if (xml.length > MAX_LENGTH) refuse(`has more than ${MAX_LENGTH} characters`);
  const path: string[] = [];
  const attributes = new AttributeReader();
  let elements = 0;
  /** The last tag opened an element, so that what follows up to its end is its text. */
  let leaf = false;
  let at = 0;
  for (;;) {
    const begin = xml.indexOf('<', at);
    if (begin === -1) break;
    if (xml.startsWith('<!--', begin)) {
      const end = xml.indexOf('-->', begin);
      if (end === -1) refuse('has a comment without end');
      at = end + 3;
      leaf = false;
      continue;
    }
    const end = xml.indexOf('>', begin);
    if (end === -1) refuse('breaks off in a tag');
    if (xml.charCodeAt(begin + 1) === SLASH) {
      if (path.pop() !== xml.slice(begin + 2, end).trimEnd()) refuse('closes an element that is not open');
      if (leaf) handler.text(xml.slice(at, begin));
      handler.close();
      leaf = false;
    } else {
      const empty = xml.charCodeAt(end - 1) === SLASH;
      const tag = xml.slice(begin + 1, empty ? end - 1 : end);
      const name = nameOf(tag);
      elements += 1;
      if (elements > MAX_ELEMENTS) refuse(`has more than ${MAX_ELEMENTS} elements`);
      if (path.length === 0 && elements > 1) refuse('has more than one outermost element');
      if (path.length >= MAX_DEPTH) refuse(`is nested deeper than ${MAX_DEPTH} elements`);
      handler.open(name, () => attributes.read(tag, name.length));
      if (empty) handler.close();
      else path.push(name);
      leaf = !empty;
    }
    at = end + 1;
  }
  if (path.length > 0 || elements === 0) refuse('breaks off before its end');
};

const SLASH = 0x2f;

const nameOf = (tag: string): string => {
  const space = tag.search(/\s/);
  const name = space === -1 ? tag : tag.slice(0, space);
  return NAME.test(name) ? name : refuse('has a tag that libvirt does not print');
};

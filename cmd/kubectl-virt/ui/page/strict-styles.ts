/*
 * The page's policy allows no style that a text of the document brings. The terminal and the editor make style elements
 * and the terminal style attributes; both get what the policy asks for here, once and for all of them: the elements the
 * nonce of this answer, the attributes the way through the object model.
 */

export const nonce = document.querySelector<HTMLLinkElement>('link[nonce]')?.nonce ?? '';

type CreateElement = (this: Document, name: string, options?: ElementCreationOptions) => HTMLElement;
const prototype = Document.prototype as { createElement: CreateElement };
const { createElement } = prototype;
prototype.createElement = function (name, options) {
  const element = createElement.call(this, name, options);
  if (element instanceof HTMLStyleElement) element.nonce = nonce;
  return element;
};

// eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its element below.
const { setAttribute } = Element.prototype;
Element.prototype.setAttribute = function (this: Element, name: string, value: string): void {
  if (name === 'style' && this instanceof HTMLElement) this.style.cssText = value;
  else setAttribute.call(this, name, value);
};

/*
 * Text as keys of a keyboard, as whoever sits before a machine would type it. A VNC server takes keysyms; what stands
 * above a key in the American layout, which guests have at first, needs Shift beside it.
 */

const SHIFT = 0xffe1;
const RETURN = 0xff0d;
const TAB = 0xff09;
const SHIFTED = /^[A-Z~!@#$%^&*()_+{}|:"<>?]$/;

/** A key's number in X11. Latin-1 is itself; the rest of Unicode has a bit before it. */
const keysymOf = (character: string): number => {
  if (character === '\n') return RETURN;
  if (character === '\t') return TAB;
  const point = character.codePointAt(0) ?? 0;
  return point >= 0x20 && point <= 0xff ? point : 0x1000000 + point;
};

export interface KeyPress {
  readonly keysym: number;
  readonly down: boolean;
}

export const typed = (text: string): KeyPress[] =>
  Array.from(text.replaceAll('\r\n', '\n')).flatMap((character) => {
    const keysym = keysymOf(character);
    const press = [
      { keysym, down: true },
      { keysym, down: false },
    ];
    return SHIFTED.test(character) ? [{ keysym: SHIFT, down: true }, ...press, { keysym: SHIFT, down: false }] : press;
  });

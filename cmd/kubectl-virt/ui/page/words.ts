import { h, type ComponentChild } from 'preact';
import { State, useValue } from './state.js';

interface Meaning {
  readonly meaning: string;
  readonly remedy: string;
}

/** What docs/troubleshooting.md says of each status, condition and reason: it comes with the page. */
const meanings = new State<ReadonlyMap<string, Meaning>>(new Map());

export const loadMeanings = async (): Promise<void> => {
  const response = await fetch('meanings.json');
  const read = (await response.json()) as Record<string, Meaning>;
  meanings.value = new Map(Object.entries(read));
};

/** Text in which what stands in backquotes is code. */
const prose = (text: string): (string | ComponentChild)[] =>
  text.split('`').map((part, index) => (index % 2 === 1 ? h('code', null, part) : part));

/** As a sentence begins. */
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A word of the cluster's in plain ones; nothing where there are none. */
export const Explained = ({ word }: { readonly word: string }): ComponentChild | null => {
  const found = useValue(meanings).get(word);
  if (found === undefined) return null;
  return h(
    'p',
    { class: 'meaning' },
    prose(capital(found.meaning)),
    found.remedy === '' ? null : ['. ', prose(capital(found.remedy))],
    '.',
  );
};

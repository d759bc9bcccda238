import { h, type ComponentChild } from 'preact';
import { CallError } from './calls.js';
import { State, useValue } from './state.js';

interface Notice {
  readonly id: number;
  readonly text: string;
  readonly wrong: boolean;
}

const notices = new State<readonly Notice[]>([]);
let last = 0;

const MOST = 4;
const GOES_MS = 8_000;

const dismiss = (id: number): void => {
  notices.value = notices.value.filter((each) => each.id !== id);
};

const add = (text: string, wrong: boolean): void => {
  const id = (last += 1);
  notices.value = [...notices.value, { id, text, wrong }].slice(-MOST);
  // What went wrong stays until it has been read.
  if (!wrong) setTimeout(() => dismiss(id), GOES_MS);
};

export const say = (text: string): void => add(text, false);
export const sayError = (what: string, error: unknown): void => {
  const { message } = error as Error;
  const remedy = error instanceof CallError && error.remedy !== undefined ? ` ${error.remedy}` : '';
  add(`${what}: ${message}${remedy}`, true);
};

/** What has been done, and what could not be. Screen readers read it out. */
export const Notices = (): ComponentChild =>
  h(
    'div',
    { class: 'notices', role: 'status', 'aria-live': 'polite' },
    useValue(notices).map(({ id, text, wrong }) =>
      h(
        'p',
        { key: id, class: wrong ? 'notice wrong' : 'notice' },
        text,
        h('button', { type: 'button', 'aria-label': 'Dismiss', onClick: () => dismiss(id) }, '×'),
      ),
    ),
  );

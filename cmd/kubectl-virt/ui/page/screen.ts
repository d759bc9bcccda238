import RFB from '@novnc/novnc';
import { h, type ComponentChild } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { LOOK_ON, PATHS, type Place } from '../shared/protocol.js';
import { socketUrl } from './calls.js';
import { Dialog } from './dialog.js';
import { Ended, endingText, isLeaveKey, LEAVE_HINT } from './ending.js';
import { typed } from './keys.js';
import { say, sayError } from './notices.js';
import { State, useValue } from './state.js';

/** Between two keys that are typed for the user: a keyboard controller of a guest holds sixteen. */
const KEY_MS = 10;
const SETTLE_MS = 60_000;

const CTRL_ALT_DEL = 'Ctrl-Alt-Del';
const LOOKS_ON_HINT = 'You look on: no key and no movement of the mouse goes to the guest.';

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Hands a picture of the screen to the browser's downloads. */
const save = (blob: Blob, name: string): void => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${name}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), SETTLE_MS);
};

/** Kept from one VM's screen to the next: who looks on takes none from anybody. */
const lookOn = new State(false);

interface Session {
  readonly screen: RFB;
  readonly end: () => void;
}

const open = (
  element: HTMLElement,
  { namespace, name }: Place,
  looksOn: boolean,
  ended: (why: string) => void,
): Session => {
  const url = socketUrl(PATHS.screen, namespace, name);
  if (looksOn) url.searchParams.set(LOOK_ON, 'true');
  const socket = new WebSocket(url);
  let why = '';
  socket.addEventListener('close', (event) => (why = endingText(event)));
  const screen = new RFB(element, socket, { shared: true });
  screen.scaleViewport = true;
  screen.background = 'black';
  screen.viewOnly = looksOn;
  let over = false;
  screen.addEventListener('disconnect', () => {
    // What was ended here says nothing: another session may be in its place already.
    if (over) return;
    over = true;
    ended(why === '' ? 'The screen was closed.' : why);
  });
  return {
    screen,
    end: () => {
      if (over) return;
      over = true;
      screen.disconnect();
    },
  };
};

const PasteDialog = ({ onType, onClose }: { onType: (text: string) => void; onClose: () => void }): ComponentChild => {
  const [text, setText] = useState('');
  return h(
    Dialog,
    { title: 'Type a text', confirm: 'Type', onConfirm: () => onType(text), onClose },
    h(
      'label',
      null,
      'It is typed as on an American keyboard. ',
      h('textarea', {
        rows: 4,
        value: text,
        onInput: ({ currentTarget }: { currentTarget: HTMLTextAreaElement }) => setText(currentTarget.value),
      }),
    ),
  );
};

/** The screen of a VM. */
export const Screen = ({ place }: { readonly place: Place }): ComponentChild => {
  const element = useRef<HTMLDivElement>(null);
  const toolbar = useRef<HTMLButtonElement>(null);
  const session = useRef<RFB | undefined>(undefined);
  const [attempt, setAttempt] = useState(0);
  const [why, setWhy] = useState<string | undefined>(undefined);
  const looksOn = useValue(lookOn);
  const [scaled, setScaled] = useState(true);
  const [pasting, setPasting] = useState(false);
  useEffect(() => {
    if (element.current === null) return undefined;
    setWhy(undefined);
    const opened = open(element.current, place, looksOn, setWhy);
    opened.screen.scaleViewport = scaled;
    session.current = opened.screen;
    return opened.end;
  }, [attempt, looksOn]);
  // Before the screen gets the key, which would be the guest's.
  useEffect(() => {
    const leave = (event: KeyboardEvent): void => {
      if (!isLeaveKey(event)) return;
      event.stopPropagation();
      session.current?.blur();
      toolbar.current?.focus();
    };
    const frame = element.current;
    frame?.addEventListener('keydown', leave, true);
    return () => frame?.removeEventListener('keydown', leave, true);
  }, []);
  const type = async (text: string): Promise<void> => {
    for (const { keysym, down } of typed(text)) {
      session.current?.sendKey(keysym, null, down);
      await pause(KEY_MS);
    }
    say('The text is typed.');
  };
  const scale = (): void => {
    if (session.current !== undefined) session.current.scaleViewport = !scaled;
    setScaled(!scaled);
  };
  const shoot = (): void =>
    session.current?.toBlob((blob) => {
      if (blob === null) sayError('Screenshot', new Error('there is no picture yet'));
      else save(blob, place.name);
    }, 'image/png');
  return h(
    'div',
    null,
    h(
      'div',
      { class: 'buttons' },
      h(
        'button',
        { type: 'button', disabled: looksOn, onClick: () => session.current?.sendCtrlAltDel() },
        CTRL_ALT_DEL,
      ),
      h('button', { type: 'button', disabled: looksOn, onClick: () => setPasting(true) }, 'Type a text'),
      h('button', { type: 'button', ref: toolbar, onClick: shoot }, 'Screenshot'),
      h('label', null, h('input', { type: 'checkbox', checked: scaled, onChange: scale }), ' Fit into the window'),
      h(
        'label',
        null,
        h('input', { type: 'checkbox', checked: looksOn, onChange: () => (lookOn.value = !looksOn) }),
        ' Only look on',
      ),
      h('span', null, looksOn ? LOOKS_ON_HINT : LEAVE_HINT),
    ),
    why === undefined ? null : h(Ended, { why, onAgain: () => setAttempt(attempt + 1) }),
    h('div', { class: 'screen-frame', ref: element, role: 'application', 'aria-label': `Screen of ${place.name}` }),
    pasting ? h(PasteDialog, { onType: (text) => void type(text), onClose: () => setPasting(false) }) : null,
  );
};

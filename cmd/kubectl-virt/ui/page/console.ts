import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { h, type ComponentChild } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { PATHS, type Place } from '../shared/protocol.js';
import { socketUrl } from './calls.js';
import { Ended, endingText, isLeaveKey, LEAVE_HINT } from './ending.js';
import { sayError } from './notices.js';

/** Lines above the screen that can be scrolled back to. */
const SCROLL_BACK = 10_000;

interface Session {
  readonly terminal: Terminal;
  readonly end: () => void;
}

/** A terminal in the element, on a socket of its own. */
const open = (
  element: HTMLElement,
  leave: () => void,
  { namespace, name }: Place,
  ended: (why: string) => void,
): Session => {
  const terminal = new Terminal({
    scrollback: SCROLL_BACK,
    cursorBlink: false,
    fontSize: 14,
    screenReaderMode: true,
    // A guest may print links; the page leads nowhere but to this machine.
    linkHandler: { activate: () => undefined },
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(element);
  fit.fit();
  const socket = new WebSocket(socketUrl(PATHS.console, namespace, name));
  socket.binaryType = 'arraybuffer';
  const encoder = new TextEncoder();
  terminal.onData((text) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(encoder.encode(text));
  });
  socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
    // The plugin holds the guest back while more is under way than the terminal has drawn.
    terminal.write(new Uint8Array(data), () => {
      if (socket.readyState === WebSocket.OPEN) socket.send(String(data.byteLength));
    });
  };
  socket.onclose = (event) => ended(endingText(event));
  terminal.attachCustomKeyEventHandler((event) => {
    if (!isLeaveKey(event)) return true;
    leave();
    return false;
  });
  const resized = new ResizeObserver(() => fit.fit());
  resized.observe(element);
  terminal.focus();
  return {
    terminal,
    end: () => {
      resized.disconnect();
      socket.onclose = null;
      socket.close();
      terminal.dispose();
    },
  };
};

/** The serial console of a VM. */
export const Console = ({ place }: { readonly place: Place }): ComponentChild => {
  const element = useRef<HTMLDivElement>(null);
  const toolbar = useRef<HTMLButtonElement>(null);
  const session = useRef<Session | undefined>(undefined);
  const [attempt, setAttempt] = useState(0);
  const [why, setWhy] = useState<string | undefined>(undefined);
  useEffect(() => {
    if (element.current === null) return undefined;
    setWhy(undefined);
    const opened = open(element.current, () => toolbar.current?.focus(), place, setWhy);
    session.current = opened;
    return opened.end;
  }, [attempt]);
  const copy = async (): Promise<void> => {
    const terminal = session.current?.terminal;
    if (terminal === undefined) return;
    if (!terminal.hasSelection()) terminal.selectAll();
    try {
      await navigator.clipboard.writeText(terminal.getSelection().trimEnd());
    } catch (error) {
      sayError('Copy', error);
    }
  };
  const paste = async (): Promise<void> => {
    try {
      session.current?.terminal.paste(await navigator.clipboard.readText());
    } catch (error) {
      sayError('Paste', error);
    }
    session.current?.terminal.focus();
  };
  return h(
    'div',
    null,
    h(
      'div',
      { class: 'buttons' },
      h('button', { type: 'button', ref: toolbar, onClick: () => void copy() }, 'Copy'),
      h('button', { type: 'button', onClick: () => void paste() }, 'Paste'),
      h('button', { type: 'button', onClick: () => session.current?.terminal.clear() }, 'Clear'),
      h('span', null, LEAVE_HINT),
    ),
    why === undefined ? null : h(Ended, { why, onAgain: () => setAttempt(attempt + 1) }),
    h('div', { class: 'terminal-frame', ref: element }),
  );
};

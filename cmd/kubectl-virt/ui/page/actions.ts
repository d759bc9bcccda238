import { h, type ComponentChild } from 'preact';
import { useState } from 'preact/hooks';
import { type ActionWord, type ActRequest, PATHS, type VmRow } from '../shared/protocol.js';
import { call } from './calls.js';
import { Dialog } from './dialog.js';
import { say, sayError } from './notices.js';
import { State, useValue } from './state.js';

interface Action {
  readonly label: string;
  readonly done: string;
  readonly offered: (row: VmRow) => boolean;
  /** What the user is asked first, where something can be lost. */
  readonly question?: string;
}

const ACTIONS: Readonly<Record<ActionWord, Action>> = {
  start: { label: 'Start', done: 'is starting', offered: ({ kind, live }) => kind === 'vm' && !live },
  stop: {
    label: 'Stop',
    done: 'is stopping',
    offered: ({ kind, live }) => kind === 'vm' && live,
    question: 'The guest is asked to shut down. What it has not written to its disks is lost if it does not.',
  },
  restart: {
    label: 'Restart',
    done: 'is restarting',
    offered: ({ kind, live }) => kind === 'vm' && live,
    question: 'The guest is asked to shut down, and a new instance is started in its place.',
  },
  pause: { label: 'Pause', done: 'is paused', offered: ({ running, paused }) => running && !paused },
  unpause: { label: 'Resume', done: 'runs again', offered: ({ running, paused }) => running && paused },
};

const perform = async (action: ActionWord, { namespace, name }: VmRow, force: boolean): Promise<void> => {
  const { label, done } = ACTIONS[action];
  try {
    const request: ActRequest = { namespace, name, action, force };
    await call(PATHS.act, request);
    say(`${name} ${done}.`);
  } catch (error) {
    sayError(`${label} ${name}`, error);
  }
};

interface Asked {
  readonly action: ActionWord;
  readonly row: VmRow;
}
const asked = new State<Asked | undefined>(undefined);

const Question = ({ action, row }: Asked): ComponentChild => {
  const [force, setForce] = useState(false);
  const { label, question } = ACTIONS[action];
  return h(
    Dialog,
    {
      title: `${label} ${row.name}?`,
      confirm: label,
      danger: true,
      onConfirm: () => void perform(action, row, force),
      onClose: () => (asked.value = undefined),
    },
    h('p', null, question),
    h(
      'label',
      null,
      h('input', { type: 'checkbox', checked: force, onChange: () => setForce(!force) }),
      ' At once, without waiting for the guest: like pulling its plug',
    ),
  );
};

/** The question that is open, for the whole page. */
export const Questions = (): ComponentChild | null => {
  const open = useValue(asked);
  return open === undefined
    ? null
    : h(Question, { key: `${open.action} ${open.row.namespace}/${open.row.name}`, ...open });
};

const run = (action: ActionWord, row: VmRow): void => {
  if (ACTIONS[action].question === undefined) void perform(action, row, false);
  else asked.value = { action, row };
};

/** The buttons of what can be done with a VM as it is now. */
export const actionButtons = (row: VmRow): ComponentChild[] =>
  (Object.keys(ACTIONS) as ActionWord[])
    .filter((action) => ACTIONS[action].offered(row))
    .map((action) =>
      h(
        'button',
        {
          key: action,
          type: 'button',
          'aria-label': `${ACTIONS[action].label} ${row.name}`,
          onClick: () => run(action, row),
        },
        ACTIONS[action].label,
      ),
    );

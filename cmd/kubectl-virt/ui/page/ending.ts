import { h, type ComponentChild } from 'preact';

/** Why a stream has ended, with the way back to it. */
export const Ended = ({ why, onAgain }: { readonly why: string; readonly onAgain: () => void }): ComponentChild =>
  h(
    'p',
    { class: 'notice', role: 'status' },
    `${why} `,
    h('button', { type: 'button', onClick: onAgain }, 'Open again'),
  );

/** Of a close frame: its reason, or what its code means where it has none. */
export const endingText = ({ code, reason }: Pick<CloseEvent, 'code' | 'reason'>): string => {
  if (reason !== '') return reason;
  return code === 1000
    ? 'It was closed.'
    : 'The connection was lost: the VM may have stopped, or somebody else has it.';
};

/** Shift+F6 leaves what takes all other keys; without it nobody who has no mouse would get out. */
export const isLeaveKey = ({ key, shiftKey }: KeyboardEvent): boolean => key === 'F6' && shiftKey;
export const LEAVE_HINT = 'All keys go to the guest; Shift+F6 leaves.';

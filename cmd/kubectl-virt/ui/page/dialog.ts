import { type ComponentChildren, h, type ComponentChild } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

interface DialogProps {
  readonly title: string;
  readonly children?: ComponentChildren;
  /** What the button says that does it. */
  readonly confirm: string;
  readonly danger?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** A question in front of the page; Escape and Cancel leave everything as it is. */
export const Dialog = ({ title, children, confirm, danger, onConfirm, onClose }: DialogProps): ComponentChild => {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Gives the focus back to where it was.
    return () => element?.close();
  }, []);
  // Of a dialog that is there: the event of one that has been closed comes when the next may be open.
  const closed = (): void => {
    if (dialog.current !== null) onClose();
  };
  return h(
    'dialog',
    { ref: dialog, 'aria-labelledby': 'dialog-title', onClose: closed },
    h('h2', { id: 'dialog-title' }, title),
    children,
    h(
      'div',
      { class: 'buttons' },
      h('button', { type: 'button', onClick: onClose }, 'Cancel'),
      h(
        'button',
        {
          type: 'button',
          class: danger === true ? 'danger' : 'main',
          onClick: () => {
            onClose();
            onConfirm();
          },
        },
        confirm,
      ),
    ),
  );
};

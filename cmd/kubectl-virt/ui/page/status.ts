import { h, type ComponentChild } from 'preact';
import type { VmRow } from '../shared/protocol.js';

/** How good a status is, beside its word: never by colour alone. */
const markOf = ({ status, running, paused, reason }: VmRow): readonly [kind: string, mark: string] => {
  if (paused) return ['waits', '‖'];
  if (running) return ['good', '●'];
  if (/error|fail|backoff|lost|unschedulable/i.test(status)) return ['bad', '✕'];
  if (status === 'Stopped' || status === 'Succeeded') return ['off', '○'];
  return [reason === undefined ? 'waits' : 'bad', '…'];
};

export const StatusMark = ({ row }: { readonly row: VmRow }): ComponentChild => {
  const [kind, mark] = markOf(row);
  return h('span', { class: `status ${kind}` }, h('span', { 'aria-hidden': true }, mark), ` ${row.status}`);
};

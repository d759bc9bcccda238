import { Component, h, type ComponentChild } from 'preact';
import { useState } from 'preact/hooks';
import { keyOf, type VmRow } from '../shared/protocol.js';
import { actionButtons } from './actions.js';
import { problem, rows, scope } from './live.js';
import { vmLink } from './route.js';
import { useValue } from './state.js';
import { StatusMark } from './status.js';
import { age } from './time.js';

const HEADERS = ['Name', 'Namespace', 'Status', 'Address', 'Node', 'Age', 'Actions'] as const;

/** One line; drawn again only when its VM is another. */
class Row extends Component<{ readonly row: VmRow }> {
  override shouldComponentUpdate({ row }: { readonly row: VmRow }): boolean {
    return row !== this.props.row;
  }

  override render({ row }: { readonly row: VmRow }): ComponentChild {
    const { name, namespace, addresses, node = '', created, reason, restartRequired } = row;
    return h(
      'tr',
      null,
      h('th', { scope: 'row' }, h('a', { href: vmLink(row) }, name)),
      h('td', null, namespace),
      h(
        'td',
        null,
        h(StatusMark, { row }),
        restartRequired ? h('span', { class: 'more' }, 'A change waits for a restart') : null,
        reason === undefined ? null : h('span', { class: 'more' }, reason),
      ),
      h('td', null, addresses.join(' ')),
      h('td', null, node),
      h('td', null, age(created, Date.now())),
      h('td', null, h('div', { class: 'buttons' }, actionButtons(row))),
    );
  }
}

const matches = ({ name, namespace, status, node = '', addresses }: VmRow, words: readonly string[]): boolean => {
  const text = [name, namespace, status, node, ...addresses].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
};

const found = (all: readonly VmRow[], filter: string): readonly VmRow[] => {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0 ? all : all.filter((row) => matches(row, words));
};

const where = (namespaces: readonly string[] | undefined): string => {
  if (namespaces === undefined) return 'of all namespaces';
  return namespaces.length === 1 ? `of the namespace ${namespaces[0] ?? ''}` : `of ${namespaces.length} namespaces`;
};

/** All VMs, live. */
export const List = (): ComponentChild => {
  const all = useValue(rows);
  const seen = useValue(scope);
  const wrong = useValue(problem);
  const [filter, setFilter] = useState('');
  const shown = found(all ?? [], filter);
  if (all === undefined || seen === undefined) return h('p', { role: 'status' }, 'Reading the list …');
  return h(
    'div',
    null,
    h('h1', { id: 'title', tabIndex: -1 }, 'Virtual machines'),
    h('p', null, `${shown.length} of ${all.length} ${where(seen.namespaces)} of ${seen.server}`),
    h(
      'label',
      { class: 'filter' },
      'Filter ',
      h('input', {
        type: 'search',
        value: filter,
        onInput: ({ currentTarget }: { currentTarget: HTMLInputElement }) => setFilter(currentTarget.value),
      }),
    ),
    h(
      'div',
      { class: 'scroll', role: 'region', 'aria-label': 'All virtual machines', tabIndex: 0 },
      h(
        'table',
        { class: 'machines' },
        h(
          'thead',
          null,
          h(
            'tr',
            null,
            HEADERS.map((text) => h('th', { key: text, scope: 'col' }, text)),
          ),
        ),
        h(
          'tbody',
          null,
          shown.map((row) => h(Row, { key: keyOf(row), row })),
        ),
      ),
    ),
    all.length === 0 && wrong === undefined ? h('p', null, 'There is none yet: create one with "New".') : null,
  );
};

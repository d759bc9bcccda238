import { type ComponentType, h, type ComponentChild } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ConditionRow, EventRow, Place, VmDetail, VmRow } from '../shared/protocol.js';
import { actionButtons } from './actions.js';
import { Graphs } from './graphs.js';
import { detail, rows } from './live.js';
import { editLink, type Tab, TABS, vmLink } from './route.js';
import { useValue } from './state.js';
import { StatusMark } from './status.js';
import { useTick } from './tick.js';
import { age, localTime } from './time.js';
import { Explained } from './words.js';

interface ViewProps {
  readonly place: Place;
}

const Facts = ({ facts }: Pick<VmDetail, 'facts'>): ComponentChild =>
  h(
    'dl',
    null,
    facts.map(([label, text], index) => [
      h('dt', { key: `${index} label` }, label),
      h('dd', { key: `${index} text` }, text),
    ]),
  );

const Conditions = ({ conditions }: { readonly conditions: readonly ConditionRow[] }): ComponentChild =>
  h(
    'ul',
    { class: 'conditions' },
    conditions.map(({ type, status, reason, message, since }) =>
      h(
        'li',
        { key: type },
        h('strong', null, type),
        ` is ${status}`,
        since === '' ? null : ` since ${localTime(since)}`,
        reason === '' ? null : [': ', h('code', null, reason)],
        message === '' ? null : h('p', null, message),
        status === 'True' && ['Ready', 'AgentConnected'].includes(type)
          ? null
          : h(Explained, { word: reason === '' ? type : reason }),
      ),
    ),
  );

const Events = ({ events }: { readonly events: readonly EventRow[] }): ComponentChild =>
  h(
    'div',
    { class: 'scroll', role: 'region', 'aria-label': 'Events', tabIndex: 0 },
    h(
      'table',
      null,
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          ['Age', 'Kind', 'Reason', 'Message', 'Times'].map((text) => h('th', { key: text, scope: 'col' }, text)),
        ),
      ),
      h(
        'tbody',
        null,
        events.map(({ uid, last, warning, reason, message, count }) =>
          h(
            'tr',
            { key: uid },
            h('td', null, age(last, Date.now())),
            h('td', null, warning ? 'Warning' : 'Normal'),
            h('td', null, reason),
            h('td', null, message, h(Explained, { word: reason })),
            h('td', null, count),
          ),
        ),
      ),
    ),
  );

const Overview = ({ row }: { readonly row: VmRow | undefined }): ComponentChild => {
  const seen = useValue(detail);
  useTick();
  if (seen === undefined) return h('p', { role: 'status' }, 'Reading …');
  const { facts, conditions, events, eventsProblem } = seen;
  return h(
    'div',
    null,
    row?.reason === undefined ? null : h('p', { class: 'notice wrong' }, row.reason),
    row === undefined || row.running ? null : h(Explained, { word: row.status }),
    h(Facts, { facts }),
    h('h2', null, 'Conditions'),
    conditions.length === 0 ? h('p', null, 'None yet.') : h(Conditions, { conditions }),
    h('h2', null, 'Events'),
    eventsProblem === undefined ? null : h('p', null, `They cannot be read: ${eventsProblem}`),
    events.length === 0 ? h('p', null, 'None in the last hour.') : h(Events, { events }),
  );
};

/** A view whose libraries are loaded when it is first opened. */
const lazy = (load: () => Promise<ComponentType<ViewProps>>) => {
  const Lazy = ({ place }: ViewProps): ComponentChild => {
    const [View, setView] = useState<ComponentType<ViewProps> | undefined>(undefined);
    useEffect(() => void load().then((loaded) => setView(() => loaded)), []);
    return View === undefined ? h('p', { role: 'status' }, 'Loading …') : h(View, { place });
  };
  return Lazy;
};

const Console = lazy(async () => (await import('./console.js')).Console);
const Screen = lazy(async () => (await import('./screen.js')).Screen);

const TITLES: Readonly<Record<Tab, string>> = {
  overview: 'Overview',
  console: 'Console',
  screen: 'Screen',
  graphs: 'Graphs',
};

const NotRunning = ({ what }: { readonly what: string }): ComponentChild =>
  h('p', { role: 'status' }, `The VM does not run, so it has no ${what}. It opens here when it runs.`);

const Content = ({ row, place, tab }: { row: VmRow | undefined; place: Place; tab: Tab }): ComponentChild => {
  const runs = row?.running === true;
  const key = `${place.namespace}/${place.name}`;
  switch (tab) {
    case 'overview':
      return h(Overview, { row });
    case 'console':
      return runs ? h(Console, { key, place }) : h(NotRunning, { what: 'console' });
    case 'screen':
      return runs ? h(Screen, { key, place }) : h(NotRunning, { what: 'screen' });
    case 'graphs':
      return h(Graphs, { runs });
  }
};

/** One VM. */
export const Machine = ({ place, tab }: { readonly place: Place; readonly tab: Tab }): ComponentChild => {
  const row = useValue(rows)?.find(({ name, namespace }) => name === place.name && namespace === place.namespace);
  return h(
    'div',
    null,
    h('h1', { id: 'title', tabIndex: -1 }, place.name, h('small', null, ` in ${place.namespace}`)),
    row === undefined
      ? h('p', { role: 'status' }, 'It is not among the virtual machines that you may see, or not any more.')
      : h(
          'div',
          { class: 'buttons' },
          h(StatusMark, { row }),
          actionButtons(row),
          row.kind === 'vm' ? h('a', { class: 'button', href: editLink(place) }, 'Edit') : null,
        ),
    h(
      'nav',
      { class: 'tabs', 'aria-label': `Views of ${place.name}` },
      TABS.map((each) =>
        h(
          'a',
          { key: each, href: vmLink(place, each), 'aria-current': each === tab ? 'page' : undefined },
          TITLES[each],
        ),
      ),
    ),
    h(Content, { row, place, tab }),
  );
};

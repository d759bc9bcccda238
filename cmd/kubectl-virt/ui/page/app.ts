import { h, render, type ComponentChild } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ComponentType } from 'preact';
import { keyOf, type Place } from '../shared/protocol.js';
import { Questions } from './actions.js';
import { List } from './list.js';
import { problem, watch } from './live.js';
import { Machine } from './machine.js';
import { Notices } from './notices.js';
import { listLink, newLink, type Route, route } from './route.js';
import { useValue } from './state.js';

/** The editor is loaded when it is first opened. */
const Editor = ({ place }: { readonly place?: Place }): ComponentChild => {
  const [View, setView] = useState<ComponentType<{ place?: Place }> | undefined>(undefined);
  useEffect(() => void import('./editor.js').then((loaded) => setView(() => loaded.Editor)), []);
  return View === undefined ? h('p', { role: 'status' }, 'Loading …') : h(View, place === undefined ? {} : { place });
};

const View = (): ComponentChild => {
  const now = useValue(route);
  switch (now.view) {
    case 'list':
      return h(List, null);
    case 'vm':
      return h(Machine, { place: now.place, tab: now.tab });
    case 'new':
      return h(Editor, { key: 'new' });
    case 'edit':
      return h(Editor, { key: keyOf(now.place), place: now.place });
  }
};

const titleOf = (now: Route): string => {
  const names = { list: 'Virtual machines', new: 'New virtual machine' };
  return now.view === 'vm' || now.view === 'edit' ? `${now.place.name} in ${now.place.namespace}` : names[now.view];
};

/** What is watched, the page's title, and the focus follow the route: a screen reader begins at the new heading. */
const useRoute = (): void => {
  const now = useValue(route);
  useEffect(() => {
    watch(now.view === 'vm' ? now.place : undefined);
    document.title = titleOf(now);
  }, [now]);
  const place = now.view === 'vm' ? keyOf(now.place) : now.view;
  const [first] = useState(place);
  useEffect(() => {
    if (place !== first) document.getElementById('title')?.focus();
  }, [place]);
};

const App = (): ComponentChild => {
  useRoute();
  const { view } = useValue(route);
  const wrong = useValue(problem);
  return h(
    'div',
    { class: 'page' },
    h(
      'header',
      null,
      h('a', { class: 'skip', href: '#main', onClick: skip }, 'Skip to the content'),
      h('span', { class: 'brand' }, 'kubectl virt'),
      h(
        'nav',
        { 'aria-label': 'Page' },
        h('a', { href: listLink, 'aria-current': view === 'list' ? 'page' : undefined }, 'Virtual machines'),
        h('a', { href: newLink, 'aria-current': view === 'new' ? 'page' : undefined }, 'New'),
      ),
    ),
    wrong === undefined
      ? null
      : h('p', { class: 'notice wrong', role: 'alert' }, `What is shown may be old, or not all: ${wrong}`),
    h('main', { id: 'main', tabIndex: -1 }, h(View, null)),
    h(Notices, null),
    h(Questions, null),
  );
};

/** The fragment is the route's, so the link does by itself what it says. */
const skip = (event: Event): void => {
  event.preventDefault();
  document.getElementById('main')?.focus();
};

export const start = (element: Element): void => render(h(App, null), element);

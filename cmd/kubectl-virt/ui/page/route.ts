import type { Place } from '../shared/protocol.js';
import { State } from './state.js';

export const TABS = ['overview', 'console', 'screen', 'graphs'] as const;
export type Tab = (typeof TABS)[number];

export type Route =
  | { readonly view: 'list' }
  | { readonly view: 'vm'; readonly place: Place; readonly tab: Tab }
  | { readonly view: 'new' }
  | { readonly view: 'edit'; readonly place: Place };

const parse = (hash: string): Route => {
  const [view = '', namespace, name, tab] = hash.replace(/^#\//, '').split('/').map(decodeURIComponent);
  if (view === 'new') return { view };
  if (namespace === undefined || name === undefined) return { view: 'list' };
  const place = { namespace, name };
  if (view === 'edit') return { view, place };
  return { view: 'vm', place, tab: TABS.find((each) => each === tab) ?? 'overview' };
};

const current = (): Route => {
  try {
    return parse(location.hash);
  } catch {
    // A link that somebody has typed.
    return { view: 'list' };
  }
};

export const route = new State<Route>(current());
window.addEventListener('hashchange', () => (route.value = current()));

const path = (...steps: string[]): string => `#/${steps.map(encodeURIComponent).join('/')}`;
export const listLink = '#/';
export const newLink = '#/new';
export const vmLink = ({ namespace, name }: Place, tab: Tab = 'overview'): string => path('vm', namespace, name, tab);
export const editLink = ({ namespace, name }: Place): string => path('edit', namespace, name);
